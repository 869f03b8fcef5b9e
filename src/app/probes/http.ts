import { Agent, type IncomingMessage, request as plain, type RequestOptions } from "node:http";
import { Agent as SecureAgent, request as secure } from "node:https";
import { deadline } from "../../base/deadline.ts";

/** What is sent. */
export interface HttpRequest {
  /** The application's address: `http://127.0.0.1:3000`. */
  readonly address: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly deadlineMs: number;
}

/** What came of it. */
export type Answer =
  | { readonly status: number; readonly body: string }
  | {
      /** `ECONNREFUSED`, `TIMEOUT` */
      readonly code: string;
      readonly message: string;
      /** A connection was made: it may have been received. */
      readonly reached: boolean;
    };

/** More of a body is read and thrown away. */
const MOST_BODY = 64 * 1024;

/**
 * Sends requests, each with a deadline of its own, over connections that are kept open. A slow answer delays no other
 * request: whoever is sent meanwhile has another connection.
 */
export class HttpSender {
  /** The one used last is taken first: the others end idle, and are closed by the application at its leisure. */
  readonly #plain: Agent;
  readonly #secure: SecureAgent;

  /** @param keepAlive false: each request has a connection of its own, as where they come too seldom to keep one */
  constructor(keepAlive: boolean) {
    const options = { keepAlive, scheduling: "lifo" as const };
    this.#plain = new Agent(options);
    this.#secure = new SecureAgent(options);
  }

  /** Never rejects. */
  ask({ address, method, path, headers, body, deadlineMs }: HttpRequest): Promise<Answer> {
    const isSecure = address.startsWith("https:");
    const { hostname, port, pathname } = addressOf(address);
    const options: RequestOptions = {
      ...{ method, hostname, path: pathname + path, agent: isSecure ? this.#secure : this.#plain },
      ...(port !== "" && { port }),
      headers: body === undefined ? headers : { ...headers, "content-length": Buffer.byteLength(body) },
    };
    return new Promise((resolve) => {
      let reached = false;
      const failed = (code: string, message: string) => resolve({ code, message, reached });
      const sent = (isSecure ? secure : plain)(options);
      const end = deadline(deadlineMs, () => {
        failed("TIMEOUT", `no answer within ${deadlineMs} ms${reached ? "" : ": no connection was made"}`);
        sent.destroy();
      });
      sent.on("socket", (socket) => {
        const made = () => {
          reached = true;
        };
        if (socket.connecting) socket.once(isSecure ? "secureConnect" : "connect", made);
        else made(); // it was kept open
      });
      sent.on("response", (response) => {
        readBody(response).then(
          (text) => {
            end();
            resolve({ status: response.statusCode ?? 0, body: text });
          },
          (error: NodeJS.ErrnoException) => {
            end();
            failed(error.code ?? "ERROR", `the answer broke off: ${error.message}`);
          },
        );
      });
      sent.on("error", (error: NodeJS.ErrnoException) => {
        end();
        failed(error.code ?? "ERROR", error.message);
      });
      sent.end(body);
    });
  }

  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }
}

/** Parsed once for each address. */
function addressOf(address: string) {
  const known = parsed.get(address);
  if (known !== undefined) return known;
  const { hostname, port, pathname } = new URL(address);
  const made = { hostname: hostname.replace(/^\[|\]$/g, ""), port, pathname: pathname.replace(/\/$/, "") };
  parsed.set(address, made);
  return made;
}
const parsed = new Map<string, { hostname: string; port: string; pathname: string }>();

function readBody(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on("data", (chunk: Buffer) => {
      if (bytes < MOST_BODY) chunks.push(chunk);
      bytes += chunk.length;
    });
    response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8", 0, MOST_BODY)));
    response.on("error", reject);
    response.on("close", () => {
      if (!response.complete) reject(Object.assign(new Error("aborted"), { code: "ECONNRESET" }));
    });
  });
}
