import type { AppClient } from "../../libraries/application.ts";
import type { SendMessage } from "./message-writer.ts";
import type { Rates } from "./messages.ts";

/** Calls are due at fixed times; this often it is looked which are. */
const TICK_MS = 5;

export interface SteadyCalls {
  readonly stop: () => void;
  /** Numbers of calls are unique in the process. */
  readonly nextOp: () => number;
}

/**
 * Calls at a fixed rate, and never waits for an answer: what a library holds up, it cannot hide. Writes push an element
 * that was never pushed before, so that one which was sent twice, and done twice, is found twice. Reads ask how long
 * the list is: a list that is shorter than what was acknowledged before is a stale one.
 */
export function startSteadyCalls(
  appClient: AppClient,
  { keys, writesPerSecond, readsPerSecond }: Rates,
  send: SendMessage,
): SteadyCalls {
  let op = 0;
  const nextOp = () => {
    op += 1;
    return op;
  };
  const streams = [
    { f: "write", everyMs: 1000 / writesPerSecond, sent: 0 },
    { f: "read", everyMs: 1000 / readsPerSecond, sent: 0 },
  ] as const satisfies readonly { f: string; everyMs: number; sent: number }[];
  const begunMs = performance.now();

  const timer = setInterval(() => {
    const spentMs = performance.now() - begunMs;
    for (const stream of streams as readonly { f: "write" | "read"; everyMs: number; sent: number }[]) {
      for (; stream.sent * stream.everyMs <= spentMs; stream.sent += 1) {
        const lateMs = spentMs - stream.sent * stream.everyMs;
        call(stream.f, keys[stream.sent % keys.length] as string, lateMs);
      }
    }
  }, TICK_MS);

  const call = (f: "write" | "read", key: string, lateMs: number) => {
    const number = nextOp();
    const value = f === "write" ? `e${number}` : undefined;
    tell(send, number, { f, key, value, lateMs }, () =>
      appClient.call(value === undefined ? ["LLEN", key] : ["RPUSH", key, value]),
    );
  };
  return { stop: () => clearInterval(timer), nextOp };
}

/** Tells of one call: that it is made, and how it ends, if it does. */
export function tell(
  send: SendMessage,
  op: number,
  about: { f: string; key: string; value?: string; lateMs?: number },
  call: () => Promise<unknown>,
): Promise<void> {
  const { f, key, value, lateMs = 0 } = about;
  send({ say: "invoke", op, f, key, value, lateMs });
  // A library may also throw at once, which an application sees just as a rejection where it awaits.
  return Promise.resolve()
    .then(call)
    .then(
      (reply) => send({ say: "ok", op, value: reply === undefined ? undefined : shown(reply) }),
      (error: unknown) => {
        const { name, code, message } = errorParts(error);
        send({ say: "error", op, name, code, message });
      },
    );
}

function shown(reply: unknown): string {
  return typeof reply === "object" ? JSON.stringify(reply) : String(reply);
}

function errorParts(error: unknown): { name: string; code?: string; message: string } {
  if (!(error instanceof Error)) return { name: typeof error, message: String(error) };
  const { code } = error as NodeJS.ErrnoException;
  // Many classes of errors do not set a name of their own.
  const name = error.name === "Error" ? error.constructor.name : error.name;
  return { name, code: typeof code === "string" ? code : undefined, message: error.message };
}
