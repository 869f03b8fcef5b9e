import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { deadline } from "../base/deadline.ts";
import { type Look, pause, waitFor } from "../base/wait.ts";
import type { NodeAccess } from "../model/access.ts";
import { DrillError } from "../model/errors.ts";
import type { Endpoint } from "../model/plan.ts";
import { authWords } from "../valkey/auth-words.ts";

export interface AnswerOptions {
  /** For the error: the node's name. */
  readonly node: string;
  /** Who should answer; `any` where process ids of the node cannot be compared with ours (a container). */
  readonly pid: number | "any" | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** How the node is reached, where it does not take everybody. */
  readonly access?: NodeAccess;
}

/** The first attempts follow each other closely (a server needs about 10 ms), later ones spare the processor. */
const EAGER_ATTEMPTS = 8;
const EAGER_INTERVAL_MS = 4;
const PATIENT_PAUSE_MS = 12;

/** A server that accepts a connection and is silent for this long is asked again. */
const REPLY_TIMEOUT_MS = 1_000;

/**
 * Resolves once the server answers PING. So do -NOAUTH and -MASTERDOWN: it is up; -LOADING goes on waiting.
 * Asks for the process id as well, so that a stranger on our port is not taken for our node.
 *
 * @throws DrillError `DEADLINE`, `PORT_IN_USE`
 */
export async function untilAnswering(endpoint: Endpoint, options: AnswerOptions): Promise<void> {
  const { node, pid, timeoutMs, signal, access } = options;
  let socket: Socket | undefined;
  let attempts = 0;
  const look = async (): Promise<Look<number | undefined>> => {
    if (attempts++ > EAGER_ATTEMPTS) await pause(PATIENT_PAUSE_MS, signal);
    if (!socket || socket.destroyed) socket = await open(endpoint, access);
    const { answer, processId } = await ask(socket, access);
    if (/^(\+PONG|-NOAUTH|-MASTERDOWN)/.test(answer)) return { done: true, value: processId };
    return { done: false, seen: answer };
  };
  const cut = () => socket?.destroy();
  signal.addEventListener("abort", cut);
  try {
    const what = `${node} to answer PING on ${endpoint.host}:${endpoint.port}`;
    const answering = await waitFor(look, { what, timeoutMs, intervalMs: EAGER_INTERVAL_MS, signal });
    if (pid !== "any" && answering !== undefined && answering !== pid) {
      throw new DrillError(
        "PORT_IN_USE",
        `${endpoint.host}:${endpoint.port}, meant for ${node}, belongs to the server with pid ${answering}`,
        { hint: "stop that server, or choose another first port" },
      );
    }
  } finally {
    signal.removeEventListener("abort", cut);
    socket?.destroy();
  }
}

function open({ host, port }: Endpoint, { tls }: NodeAccess = {}): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // Who answers is told by the process id; a certificate may be bad on purpose.
    const socket = tls
      ? connectTls({ host, port, ...tls, rejectUnauthorized: false })
      : connect({ host, port, noDelay: true });
    socket.once("error", reject);
    socket.once(tls ? "secureConnect" : "connect", () => {
      socket.off("error", reject);
      // A lost connection shows in the next `ask`; without a listener it would end the program.
      socket.on("error", () => socket.destroy());
      resolve(socket);
    });
  });
}

interface Answer {
  /** First line of the reply to PING. */
  readonly answer: string;
  /** From the reply to INFO; undefined if that was refused. */
  readonly processId?: number;
}

function ask(socket: Socket, { login }: NodeAccess = {}): Promise<Answer> {
  const words = login && ["AUTH", ...authWords(login)];
  return new Promise((resolve, reject) => {
    let text = "";
    const endDeadline = deadline(REPLY_TIMEOUT_MS, () => {
      socket.destroy();
      settle(() => reject(new Error(`connected, but no reply within ${REPLY_TIMEOUT_MS} ms`)));
    });
    const onClose = () => settle(() => reject(new Error("connected, but the connection was closed")));
    const onData = (chunk: Buffer) => {
      text += chunk.toString("latin1");
      const read = parse(words ? afterFirstLine(text) : text);
      if (read) settle(() => resolve(read));
    };
    const settle = (end: () => void) => {
      endDeadline();
      socket.off("data", onData);
      socket.off("close", onClose);
      end();
    };
    socket.on("data", onData);
    socket.once("close", onClose);
    socket.write([...(words ? [words] : []), ["PING"], ["INFO", "server"]].map(command).join(""));
  });
}

function command(words: readonly string[]): string {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${parts.join("")}`;
}

/** The reply to AUTH, whatever it says: a refused login shows in what follows. */
function afterFirstLine(text: string): string {
  const end = text.indexOf("\r\n");
  return end < 0 ? "" : text.slice(end + 2);
}

/** Two replies: a line, then a line (an error) or `$<length>` and that many bytes. Undefined until both are there. */
function parse(text: string): Answer | undefined {
  const [first, second] = text.split("\r\n", 2);
  if (first === undefined || second === undefined) return undefined;
  const from = first.length + 2;
  const headEnd = text.indexOf("\r\n", from);
  if (headEnd < 0) return undefined;
  if (!second.startsWith("$")) return { answer: first };
  if (text.length < headEnd + 2 + Number(second.slice(1)) + 2) return undefined;
  const processId = /^process_id:(\d+)\r$/m.exec(text)?.[1];
  return { answer: first, processId: processId === undefined ? undefined : Number(processId) };
}
