import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { seededRandom } from "../src/base/random.ts";
import { defaultStateDir } from "../src/driver/process/index.ts";
import { readRecord, recordPath } from "../src/driver/process/state.ts";
import { announcedOf } from "../src/model/addresses.ts";
import { startEnvironment } from "../src/session/environment.ts";
import { haSpecSchema } from "../src/topology/spec.ts";
import type { Bench, BenchContext } from "./bench.ts";
import { cpuMs, findTools, type RunningProxy, startHaproxy, startSocat } from "./proxies.ts";
import { type BenchTable, median } from "./table.ts";
import { setsPerSecond } from "./valkey-benchmark.ts";

/** One way to the same server. */
interface Way {
  readonly name: string;
  readonly host: string;
  /** The proxy's process; undefined where there is none, or one for each connection. */
  readonly pid?: number;
  readonly latenciesMs: number[];
  /** By load: requests a second, and what one cost the proxy. */
  readonly rates: Map<string, number[]>;
  readonly costsUs: Map<string, number[]>;
}

/** PING by one connection, so many times by each way, in turns: what disturbs the machine disturbs all alike. */
const PINGS = 3000;
/** Between two PINGs: a low rate. */
const PAUSE_MS = 0.5;
const LOADS: Readonly<Record<string, readonly string[]>> = {
  "50 clients": ["-c", "50", "-n", "100000"],
  "50 clients, pipeline 16": ["-c", "50", "-n", "800000", "-P", "16"],
  "10 clients, 16 kB": ["-c", "10", "-n", "50000", "-d", "16384"],
};

/** What the fabric costs where nothing is hurt, beside HAProxy and socat with the same traffic to the same server. */
export const fabricBench: Bench = {
  name: "fabric",
  summary: "an unhurt link through the fabric: latency, throughput, cost; beside HAProxy and socat",
  async run(context) {
    const { driver, dir, signal, tell } = context;
    const environment = await startEnvironment({
      spec: haSpecSchema.parse({ kind: "ha", replicas: 0, sentinels: 1, config: { appendonly: false } }),
      driver,
      random: seededRandom(1),
      dir: join(dir, "nodes"),
      detached: false,
      links: { clients: true },
      signal,
    });
    const proxies: RunningProxy[] = [];
    try {
      const { id, plan } = environment.topology;
      const { endpoint } = plan.nodes[0] ?? {};
      if (!endpoint) throw new Error("no node");
      const { host, port } = endpoint;
      const record = readRecord(recordPath(defaultStateDir(), id));
      const fabricPid = record.phase === "held" ? undefined : record.fabric?.process.pid;
      const ways = [way("direct", host), way("fabric", announcedOf(endpoint).host, fabricPid)];
      const tools = await findTools(join(dir, "tools"), tell, signal);
      if (tools.haproxy) {
        const proxy = await startHaproxy(tools.haproxy, dir, "127.0.3.1", port, host);
        proxies.push(proxy);
        ways.push(way("HAProxy", "127.0.3.1", proxy.pid));
      }
      if (tools.socat) {
        proxies.push(await startSocat(tools.socat, "127.0.4.1", port, host));
        ways.push(way("socat", "127.0.4.1"));
      }
      await measureLatency(ways, port, context);
      for (let run = 1; run <= context.runs; run += 1) await measureLoads(ways, port, context, run);
      return drawn(ways, tools.problem, context);
    } finally {
      for (const proxy of proxies) await proxy.stop();
      await environment.close();
    }
  },
};

function way(name: string, host: string, pid?: number): Way {
  return { name, host, pid, latenciesMs: [], rates: new Map(), costsUs: new Map() };
}

async function measureLatency(
  ways: readonly Way[],
  port: number,
  { signal, tell }: BenchContext,
): Promise<void> {
  tell(`${PINGS} PINGs by each way, in turns`);
  const sockets = await Promise.all(ways.map(({ host }) => open(host, port)));
  for (let n = 0; n < PINGS; n += 1) {
    signal.throwIfAborted();
    for (const [index, { latenciesMs }] of ways.entries()) {
      const began = performance.now();
      const socket = sockets[index] as Socket;
      socket.write("PING\r\n");
      await once(socket, "data");
      latenciesMs.push(performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
  for (const socket of sockets) socket.destroy();
}

async function open(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  await once(socket, "connect");
  return socket;
}

async function measureLoads(
  ways: readonly Way[],
  port: number,
  { server, signal, tell, runs }: BenchContext,
  run: number,
): Promise<void> {
  if (!server.cli) return;
  for (const [load, flags] of Object.entries(LOADS)) {
    const rates: string[] = [];
    for (const { name, host, pid, ...found } of ways) {
      const before = pid === undefined ? 0 : await cpuMs(pid);
      const rate = await setsPerSecond(server, { host, port, flags, signal });
      add(found.rates, load, rate);
      if (pid !== undefined) {
        const requests = Number(flags[flags.indexOf("-n") + 1]);
        add(found.costsUs, load, (((await cpuMs(pid)) - before) * 1000) / requests);
      }
      rates.push(`${name} ${Math.round(rate).toLocaleString("en-US")}/s`);
    }
    tell(`run ${run} of ${runs}, ${load}: ${rates.join(", ")}`);
  }
}

function add(to: Map<string, number[]>, key: string, value: number): void {
  to.set(key, [...(to.get(key) ?? []), value]);
}

function drawn(
  ways: readonly Way[],
  problem: string | undefined,
  { server, runs }: BenchContext,
): BenchTable {
  const quantile = ({ latenciesMs }: Way, at: number) =>
    [...latenciesMs].sort((a, b) => a - b)[Math.floor(at * latenciesMs.length)] ?? Number.NaN;
  const [direct] = ways;
  const addedUs = (one: Way, at: number) =>
    one === direct || !direct ? "–" : `${Math.round((quantile(one, at) - quantile(direct, at)) * 1000)} µs`;
  const rows = ways.map((one) => [
    one.name,
    `${Math.round(quantile(one, 0.5) * 1000)} µs`,
    addedUs(one, 0.5),
    addedUs(one, 0.99),
    ...Object.keys(LOADS).flatMap((load) => [
      one.rates.has(load) ? `${Math.round(median(one.rates.get(load) ?? []) / 1000)}k/s` : "–",
      one.costsUs.has(load) ? `${median(one.costsUs.get(load) ?? []).toFixed(1)} µs` : "–",
    ]),
  ]);
  return {
    title: "fabric: an unhurt link, beside the same traffic by other ways",
    columns: [
      ...["way", "PING, p50", "added, p50", "added, p99"],
      ...Object.keys(LOADS).flatMap((load) => [load, "CPU"]),
    ],
    rows,
    notes: [
      "",
      `PING: ${PINGS} by one connection at a low rate, all ways in turns. Loads: SET by valkey-benchmark, the ` +
        `median of ${runs} runs.`,
      "CPU: time of the proxy for one request; socat forks for each connection, and is not counted.",
      "HAProxy has one thread; the fabric's Node has one that carries bytes.",
      ...(problem ? [problem] : []),
      ...(server.cli ? [] : ["No valkey-benchmark stands beside this server: no loads."]),
    ],
  };
}
