import { Valkey } from "iovalkey";
import { within } from "../base/deadline.ts";
import type { Credentials, NodeAccess, TlsMaterial } from "../model/access.ts";
import { DrillError, messageOf } from "../model/errors.ts";
import type { Endpoint } from "../model/plan.ts";
import { authWords } from "./auth-words.ts";

/** A reply as the protocol has it. */
export type Reply = string | number | null | Reply[];

/**
 * A connection for looking at one node and telling it things, apart from the clients under test. It lasts:
 * after an error the next call connects anew, so a poller neither piles up sockets nor falsifies connection counts.
 */
export interface Admin {
  readonly endpoint: Endpoint;
  /** How it connects now. */
  readonly access: NodeAccess;
  /** How often it has connected so far: to be taken off what the server counts. */
  readonly connectionsOpened: number;
  /**
   * Sends one command.
   *
   * @throws DrillError `COMMAND_FAILED` with the server's answer, or why there was none within `timeoutMs` (default
   *   2000)
   */
  call(args: readonly (string | number)[], timeoutMs?: number): Promise<Reply>;
  /** Sends many commands in one go and returns their replies in order; the first error rejects. */
  pipeline(commands: readonly (readonly (string | number)[])[], timeoutMs?: number): Promise<Reply[]>;
  /** The same, each command with its own end: where the server refused one, its error stands in place of the reply. */
  replies(
    commands: readonly (readonly (string | number)[])[],
    timeoutMs?: number,
  ): Promise<(Reply | Error)[]>;
  /** Each connection from now on begins with it, if the node asks for one. */
  logIn(login: Credentials | undefined): void;
  /** Each connection from now on is made so. */
  trust(tls: TlsMaterial | undefined): void;
  /** Closes the connection; a later call opens it again. */
  close(): void;
}

const DEFAULT_TIMEOUT_MS = 2000;
const CONNECTION_NAME = "valkey-drill-admin";

export function adminOf(endpoint: Endpoint, given: NodeAccess = {}): Admin {
  let current: Promise<Valkey> | undefined;
  let { login, tls } = given;
  let connectionsOpened = 0;

  async function connect(timeoutMs: number): Promise<Valkey> {
    const client = new Valkey({
      // A path is that of a Unix socket.
      ...(endpoint.host.startsWith("/")
        ? { path: endpoint.host }
        : { host: endpoint.host, port: endpoint.port }),
      lazyConnect: true,
      enableReadyCheck: false,
      connectTimeout: timeoutMs,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      // of a connection that was refused this timer is not cleared, and holds up the end of a program
      disconnectTimeout: 200,
      ...(tls && { tls: tlsOptions(tls) }),
    });
    // The cause of a failed connection is an event; the promise only says that it is closed.
    let cause: unknown;
    client.on("error", (error) => {
      cause = error;
    });
    client.on("connect", () => {
      connectionsOpened += 1;
    });
    client.on("end", () => {
      current = undefined;
    });
    try {
      await client.connect();
      const loggingIn = logInBy(client, login);
      client.call("CLIENT", "SETNAME", CONNECTION_NAME).catch(() => {}); // a name is for people: nothing hangs on it
      await loggingIn;
    } catch (error) {
      client.disconnect();
      throw cause ?? error;
    }
    return client;
  }

  async function withClient<T>(
    label: string,
    timeoutMs: number,
    use: (client: Valkey) => Promise<T>,
  ): Promise<T> {
    current ??= connect(timeoutMs);
    const opened = current;
    try {
      return await within(opened.then(use), timeoutMs, () => new Error(`no answer within ${timeoutMs} ms`));
    } catch (error) {
      if (!isServerError(error) && current === opened) {
        current = undefined;
        opened.then((client) => client.disconnect()).catch(() => {}); // that failure is the one being reported
      }
      throw new DrillError(
        "COMMAND_FAILED",
        `${endpoint.host}:${endpoint.port} ${label}: ${messageOf(error)}`,
        {
          cause: error,
        },
      );
    }
  }

  return {
    endpoint,
    get access() {
      return { login, tls };
    },
    get connectionsOpened() {
      return connectionsOpened;
    },
    call: ([name, ...rest], timeoutMs = DEFAULT_TIMEOUT_MS) =>
      withClient(shown([name, ...rest]), timeoutMs, (client) =>
        client.call(String(name), ...rest.map(String)),
      ) as Promise<Reply>,
    pipeline: (commands, timeoutMs = DEFAULT_TIMEOUT_MS) =>
      withClient(`pipeline of ${commands.length}`, timeoutMs, async (client) =>
        (await sent(client, commands)).map(([error, reply]) => {
          if (error) throw error;
          return reply as Reply;
        }),
      ),
    replies: (commands, timeoutMs = DEFAULT_TIMEOUT_MS) =>
      withClient(`pipeline of ${commands.length}`, timeoutMs, async (client) =>
        (await sent(client, commands)).map(([error, reply]) => {
          if (error && !isServerError(error)) throw error;
          return error ?? (reply as Reply);
        }),
      ),
    logIn: (next) => {
      login = next;
    },
    trust: (next) => {
      tls = next;
    },
    close: () => {
      current?.then((client) => client.disconnect()).catch(() => {}); // it never opened: nothing to close
      current = undefined;
    },
  };
}

/** A command for an error's text: what may be a password is left out. */
function shown(words: readonly unknown[]): string {
  const text = words.join(" ");
  const secret =
    /^(auth|acl setuser \S+|migrate|sentinel set \S+ auth-pass|config set (requirepass|\S*auth\b))/i;
  const [known] = secret.exec(text) ?? [];
  const hides = known !== undefined || /\b(requirepass|masterauth|primaryauth)\b/i.test(text);
  return hides ? `${known ?? words.slice(0, 2).join(" ")} …` : text.slice(0, 80);
}

async function sent(client: Valkey, commands: readonly (readonly (string | number)[])[]) {
  const pipeline = client.pipeline();
  for (const [name, ...rest] of commands) pipeline.call(String(name), ...rest.map(String));
  return (await pipeline.exec()) ?? [];
}

/** As Node's own TLS has them. */
export function tlsOptions({ ca, cert, key, unverified }: TlsMaterial) {
  return { ca, cert, key, ...(unverified && { rejectUnauthorized: false }) };
}

async function logInBy(client: Valkey, login: Credentials | undefined): Promise<void> {
  if (!login) return;
  await client.call("AUTH", ...authWords(login)).catch(unlessNoneIsAsked);
}

/** A node that was restarted meanwhile may ask for no password any more. */
function unlessNoneIsAsked(error: unknown): void {
  if (!/without any password configured/.test(messageOf(error))) throw error;
}

/**
 * Is this what a call threw because the server answered with an error? As opposed to: nobody knows what became of it.
 */
export function wasRefused(error: unknown): boolean {
  return error instanceof DrillError && isServerError(error.cause);
}

/** Did the server answer, with an error? Then the connection is sound. */
function isServerError(error: unknown): boolean {
  return error instanceof Error && error.name === "ReplyError";
}
