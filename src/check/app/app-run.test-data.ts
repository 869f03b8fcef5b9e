import { APP_WORKLOAD, type AppHeader, type ProbeHeader } from "../../model/app.ts";
import type { Expectations } from "../../model/event.ts";
import { type Ending, type HandMadeRun, haRun, withHaStart } from "../history.test-data.ts";

export const ORDER: ProbeHeader = {
  name: "order",
  by: "http",
  asks: 'POST /orders {"id": "{{unique}}"}',
  is: "write",
  when: ["always"],
  everyMs: 50,
  deadlineMs: 2000,
};
export const STORED: ProbeHeader = {
  name: "stored",
  by: "http",
  asks: "GET /orders/{{unique}}",
  is: "read-back",
  of: "order",
  when: ["eventually"],
  countsTimes: true,
};
export const EVENT: ProbeHeader = {
  name: "event",
  by: "stdout",
  asks: "/event (?<id>\\S+)/",
  is: "delivered",
  of: "order",
  when: ["always"],
};
export const BOOKS: ProbeHeader = {
  name: "books",
  by: "command",
  asks: "./check-books.sh",
  is: "check",
  when: ["before", "after"],
};

export const ANSWERED: Ending = { outcome: "ok", afterMs: 10 };
export const REFUSED: Ending = { outcome: "info", afterMs: 20, error: "HTTP-503", message: "unavailable" };
/** No answer within its deadline. */
export const HUNG: Ending = {
  outcome: "info",
  afterMs: 2000,
  error: "TIMEOUT",
  message: "no answer in 2000 ms",
};

interface AppRun {
  readonly probes?: readonly ProbeHeader[];
  readonly expect?: Expectations;
  readonly app?: Partial<AppHeader>;
}

/** A run of {@link haRun} with an application, whose instances were started at 10 ms. */
export function appRun({ probes = [ORDER], expect = {}, app = {} }: AppRun = {}): HandMadeRun {
  const instances = app.instances ?? 1;
  const addresses = Array.from({ length: instances }, (_, n) => `http://127.0.0.1:${30_000 + n}`);
  const run = withHaStart(
    haRun({ expect, app: { started: "node server.js", addresses, instances, probes, ...app } }),
  );
  for (let n = 1; n <= instances; n += 1) {
    run.observe(10, "app", { instance: `app-${n}`, event: "started", at: 10e6, start: 1, pid: n });
    run.observe(40, "app", { instance: `app-${n}`, event: "ready", at: 40e6, start: 1 });
  }
  return run;
}

interface Servers {
  /** Default: 20 s. */
  readonly endMs?: number;
  /** Absent: it stays frozen. */
  readonly healAtMs?: number;
  /** Default: replica-1 is. */
  readonly promoted?: boolean;
  readonly endReason?: "completed" | "interrupted";
}

/** The primary is frozen at 2000 ms, and replica-1 promoted at 3400; Sentinel names it at 3600. */
export function frozen(
  run: HandMadeRun,
  { endMs = 20_000, healAtMs, promoted = true, endReason = "completed" }: Servers = {},
): HandMadeRun {
  run
    .fault({ fault: "pause", targets: ["primary"], atMs: 2000, healAtMs, healedAtMs: healAtMs })
    .node(2010, "primary", "reachable", "no")
    .step(100, "wait")
    .step(2000, "pause primary")
    .step(endMs - 900, "wait");
  const old =
    healAtMs === undefined
      ? { reachable: false }
      : { role: "replica" as const, follows: "replica-1", keys: 3, digest: "d" };
  if (promoted)
    run
      .finalNodes(endMs - 5, [
        { node: "primary", ...old },
        { node: "replica-1", role: "primary", keys: 3, digest: "d" },
        { node: "replica-2", role: "replica", follows: "replica-1", keys: 3, digest: "d" },
      ])
      .node(3400, "replica-1", "role", "primary")
      .sentinel(3600, "+switch-master drill 127.0.0.1 20000 127.0.0.1 20001")
      .node(3700, "replica-2", "link", "up");
  if (healAtMs !== undefined)
    run
      .node(healAtMs + 5, "primary", "reachable", "yes")
      .node(healAtMs + 5, "primary", "role", "primary")
      .node(healAtMs + 500, "primary", "role", "replica");
  return run.end(endMs, endReason);
}

interface Sends {
  readonly from?: number;
  readonly to: number;
  readonly everyMs?: number;
  readonly name?: string;
  /** They are asked in turn. */
  readonly instances?: readonly string[];
  readonly ends: (atMs: number, instance: string, n: number) => Ending;
}

/** A probe at a fixed rate; its ids are `order-0`, `order-1` and so on. */
export function sends(run: HandMadeRun, { from = 100, to, everyMs = 50, ...rest }: Sends): HandMadeRun {
  const { name = "order", instances = ["app-1"], ends } = rest;
  for (let at = from, n = 0; at < to; at += everyMs, n += 1) {
    const client = instances[n % instances.length] as string;
    run.operation({ client, workload: APP_WORKLOAD, f: name, key: `${name}-${n}` }, at, ends(at, client, n));
  }
  return run;
}

/** Every write that was sent until then is read back once, at the end. */
export function readBack(
  run: HandMadeRun,
  { atMs, count, ends }: { atMs: number; count: number; ends: (n: number) => Ending },
): HandMadeRun {
  for (let n = 0; n < count; n += 1)
    run.operation(
      { client: "app-1", workload: APP_WORKLOAD, f: "stored", key: `order-${n}`, due: null },
      atMs + n / 10,
      ends(n),
    );
  return run;
}

export const found = (times: number | null): Ending => ({
  outcome: "ok",
  value: times === null ? null : String(times),
});

/** It goes badly from the fault on, until that time. */
export const badUntil =
  (untilMs: number, how: Ending = REFUSED) =>
  (at: number): Ending =>
    at >= 2000 && at < untilMs ? how : ANSWERED;

/** Connections of the application, as one node tells of them. */
export function connected(
  run: HandMadeRun,
  atMs: number,
  node: string,
  count: number | null,
  more: {
    role?: string;
    library?: string;
    command?: string;
    idleS?: number;
    blocked?: boolean;
    subscriptions?: number;
  } = {},
): HandMadeRun {
  const {
    role,
    library = "ioredis 6.0.0",
    command = "set",
    idleS = 0,
    blocked = false,
    subscriptions = 0,
  } = more;
  const one = (n: number) => ({
    ...{ id: n, instance: "app-1", from: `127.0.0.1:${40_000 + n}`, library, command, idleS, blocked },
    ...{ ageS: 10, flags: "N", subscriptions },
  });
  const connections = count === null ? null : Array.from({ length: count }, (_, n) => one(n));
  return run.observe(atMs, "app-connections", {
    ...{ node, at: atMs * 1e6, connections },
    ...(role !== undefined && { role }),
  });
}
