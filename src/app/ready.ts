import { get } from "node:http";
import { get as getSecure } from "node:https";
import { connect } from "node:net";
import { type Look, pause, waitFor } from "../base/wait.ts";
import type { Output } from "./output.ts";
import type { AppProcess } from "./processes.ts";
import { tcpPortsOf } from "./sockets.ts";

/** When an instance counts as ready. None of them: it has lived for a moment. */
export interface Readiness {
  /** A URL, which answers 2xx. */
  readonly http?: string;
  /** A line of its output. */
  readonly stdout?: RegExp;
  /** It listens there. */
  readonly listens?: { readonly host: string; readonly port: number };
  readonly withinMs: number;
}

interface Started {
  readonly what: string;
  /** Of what was started. */
  readonly processes?: () => AppProcess[];
  readonly output?: Output;
  readonly signal: AbortSignal;
}

const LOOK_EVERY_MS = 50;
/** A command that does not exist, or has a wrong argument, ends well within. */
const LIVES_MS = 1000;
const ANSWER_MS = 2000;

/** Waits until it is ready. @throws DrillError `DEADLINE`; what the signal aborts with */
export async function untilReady(
  { http, stdout, listens, withinMs }: Readiness,
  { what, processes, output, signal }: Started,
): Promise<void> {
  const wait = (condition: string, look: () => Look<undefined> | Promise<Look<undefined>>) =>
    waitFor(look, {
      what: `${what} to ${condition}`,
      timeoutMs: withinMs,
      intervalMs: LOOK_EVERY_MS,
      signal,
    });
  const elsewhere = () => {
    const ports = processes && tcpPortsOf(processes());
    if (ports === undefined) return "";
    const { listening } = ports;
    return `; it listens at ${listening.length === 0 ? "no port" : listening.join(", ")}`;
  };
  if (http !== undefined) {
    await wait(`answer ${http}`, async () => {
      const seen = await statusOf(http).catch((error: Error) => `${error.message}${elsewhere()}`);
      return /^2\d\d$/.test(seen) ? DONE : { done: false, seen };
    });
  } else if (stdout !== undefined) {
    await wait(`print a line that matches ${stdout}`, () => {
      const last = output?.last.at(-1);
      return output?.hasSaid ? DONE : { done: false, seen: last === undefined ? "no line" : `"${last}"` };
    });
  } else if (listens !== undefined) {
    await wait(`listen at ${listens.host}:${listens.port}`, async () => {
      const why = await whyNoConnection(listens.host, listens.port);
      return why === undefined ? DONE : { done: false, seen: `${why}${elsewhere()}` };
    });
  } else if (processes) await pause(LIVES_MS, signal);
}

const DONE = { done: true, value: undefined } as const;

function statusOf(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = (url.startsWith("https:") ? getSecure : get)(url, { agent: false }, (response) => {
      response.resume();
      response.once("error", reject);
      response.once("end", () => resolve(String(response.statusCode)));
    });
    request.setTimeout(ANSWER_MS, () => request.destroy(new Error(`no answer within ${ANSWER_MS} ms`)));
    request.once("error", reject);
  });
}

function whyNoConnection(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (why: string | undefined) => {
      socket.destroy();
      resolve(why);
    };
    socket.setTimeout(ANSWER_MS, () => end(`no connection within ${ANSWER_MS} ms`));
    socket.once("connect", () => end(undefined));
    socket.once("error", (error) => end(error.message));
  });
}
