import {
  type Ending,
  type HandMadeRun,
  haFailover,
  haFailoverWithoutLoad,
} from "../check/history.test-data.ts";
import { APP_WORKLOAD, type AppHeader } from "../model/app.ts";
import type { Observed } from "../model/observed.ts";

const HEADER: AppHeader = {
  started: "node server.js",
  addresses: ["http://127.0.0.1:3000", "http://127.0.0.1:3001"],
  instances: 2,
  preset: "ioredis",
  probes: [
    {
      name: "order",
      by: "http",
      asks: 'POST /orders {"id": "{{unique}}"}',
      is: "write",
      when: ["during"],
      everyMs: 50,
      deadlineMs: 1000,
    },
    { name: "health", by: "http", asks: "GET /health", is: "read", when: ["always"], everyMs: 500 },
    { name: "books", by: "command", asks: "./check-books.sh", is: "check", when: ["before", "after"] },
  ],
};

const OK: Ending = { outcome: "ok", afterMs: 2, value: "1" };
const REFUSED: Ending = { outcome: "fail", afterMs: 1, error: "ECONNREFUSED" };
const HANGS: Ending = { outcome: "info", afterMs: 1000, error: "TIMEOUT" };
const MB = 1e6;

interface AppRun {
  /** From the kill on nothing goes well again. */
  readonly stuck?: boolean;
  /** Nothing but the application's probes is sent. */
  readonly alone?: boolean;
}

/**
 * The failover of `haFailover`, with an application of two instances: `order` fails from 2000 to 4200 ms, app-2 exits
 * at 3000 and is ready again at 4000.
 */
export function appFailover({ stuck = false, alone = false }: AppRun = {}): HandMadeRun {
  const run = (alone ? haFailoverWithoutLoad : haFailover)({ app: HEADER, scenario: "quick" });
  const end = stuck ? 9000 : 4200;
  const isOut = (atMs: number) => atMs >= 2000 && atMs < end;
  let n = 0;
  const ask = (f: string, atMs: number, ending: Ending) => {
    n += 1;
    run.operation(
      { f, key: `${f}-${n}`, client: `app-${(n % 2) + 1}`, workload: APP_WORKLOAD },
      atMs,
      ending,
    );
  };
  for (let atMs = 200; atMs < 7500; atMs += 50) {
    const down = n % 2 === 0 && atMs >= 3000 && atMs < 4000;
    ask(
      "order",
      atMs,
      down ? REFUSED : isOut(atMs) && atMs + 1000 < 8000 ? HANGS : isOut(atMs) ? "never" : OK,
    );
  }
  for (let atMs = 100; atMs < 7900; atMs += 500)
    ask("health", atMs, atMs > 3000 && atMs < 4000 ? REFUSED : OK);
  const life = (atMs: number, instance: string, event: Observed["app"]["event"], more: object = {}) =>
    run.observe(atMs, "app", { instance, event, at: atMs * MB, ...more });
  for (const instance of ["app-1", "app-2"]) {
    life(10, instance, "started", { pid: 1, start: 1 });
    life(90, instance, "ready");
    for (let atMs = 500; atMs < 7800; atMs += 1000)
      run.observe(atMs, "app-memory", {
        instance,
        at: atMs * MB,
        rssBytes: (instance === "app-1" ? 40 + atMs / 200 : 41) * MB,
      });
    life(7850, instance, "stopping");
    life(7900, instance, "stopped", { code: 0 });
  }
  life(3000, "app-2", "exited", { code: 1, signal: null, lastLines: ["Error: out of orders"] });
  life(3400, "app-2", "started", { pid: 2, start: 2 });
  life(4000, "app-2", "ready");
  const line = (atMs: number, why: Observed["app-line"]["why"], text: string) =>
    run.observe(atMs, "app-line", { instance: "app-2", at: atMs * MB, stream: "stderr", text, why });
  line(2990, "unhandled-error", "UnhandledPromiseRejection: Error: out of orders");
  line(2500, "error", "[ioredis] Unhandled error event: connect ECONNREFUSED 127.0.0.1:20000");
  const probe = (atMs: number, when: "before" | "after", ok: boolean, seen: string) =>
    run.observe(atMs, "app-probe", { probe: "books", when, at: atMs * MB, ok, seen });
  return (
    probe(95, "before", true, "exit 0") &&
    probe(7800, "after", !stuck, stuck ? "exit 1: 3 missing" : "exit 0")
  );
}
