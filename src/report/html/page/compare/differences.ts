import { isOnlyOfApp } from "../../../app-words.ts";
import { formatCount, formatMs, formatNumber } from "../../../numbers.ts";
import { outageWords } from "../../../outage-words.ts";
import type { ComparedRun } from "../../compared.ts";
import { appFigures } from "./app-figures.ts";

/** A, B, … Z, A2, B2, …: how a run is called on its page. */
export function letterOf(index: number): string {
  const round = Math.floor(index / 26);
  return `${String.fromCharCode(65 + (index % 26))}${round > 0 ? round + 1 : ""}`;
}

/** A line of a table with a column for each run. */
export interface Row {
  readonly name: string;
  readonly cells: readonly string[];
  /** Which cells are the best and the worst, where that can be said and they differ. */
  readonly best?: readonly number[];
  readonly worst?: readonly number[];
}

/** What the runs were done with, only where it is not the same for all. */
export function differences(runs: readonly ComparedRun[]): Row[] {
  const settings = [...new Set(runs.flatMap((run) => Object.keys(run.settings)))].sort();
  const of = (name: string, read: (run: ComparedRun) => string): Row => ({ name, cells: runs.map(read) });
  return [
    of("scenario", ({ result }) => result.scenario),
    of("Valkey", ({ result }) => result.topology.valkey),
    of("driver", ({ result }) => result.topology.driver),
    of("client", ({ result }) => `${result.client.name} ${result.client.version}`),
    of("application", ({ result }) => result.app?.started ?? (result.app ? "ran already" : "—")),
    of("instances", ({ result }) => (result.app ? formatNumber(result.app.instances) : "—")),
    of("topology", ({ result }) => nodesOf(result)),
    of("WAIT for", ({ waitReplicas }) => (waitReplicas === 0 ? "—" : formatCount(waitReplicas, "replica"))),
    of("seed", ({ result }) => String(result.seed)),
    ...settings.map((name) => of(name, (run) => run.settings[name] ?? "—")),
    of("began", ({ result }) => result.startedAt.replace("T", " ").replace(/\.\d+Z$/, " UTC")),
  ].filter(({ cells }) => new Set(cells).size > 1);
}

/** The figures that one compares. Where less is better the least is marked, and the most. */
export function figures(runs: readonly ComparedRun[]): Row[] {
  const of = (
    name: string,
    value: (run: ComparedRun) => number | null,
    words: (run: ComparedRun) => string,
    better?: "less",
  ): Row => ({ name, cells: runs.map(words), ...ends(runs.map(value), better) });
  // Of a run in which nothing but an application was asked there is nothing to say of the servers' own writes.
  const ofServers = (...[name, value, words, better]: Parameters<typeof of>): Row =>
    of(
      name,
      (run) => (isOnlyOfApp(run.result) ? null : value(run)),
      (run) => (isOnlyOfApp(run.result) ? "—" : words(run)),
      better,
    );
  const outage = (kind: "write" | "read") => (run: ComparedRun) => run.result.outage[`${kind}Ms`];
  const words = (kind: "write" | "read") => (run: ComparedRun) => outageWords(run.result, kind);
  const count = (read: (run: ComparedRun) => number) => (run: ComparedRun) => formatNumber(read(run));
  const lost = ({ result }: ComparedRun) => result.writes.lost;
  const recovered = ({ result }: ComparedRun) => result.writes.recovered;
  const unknown = ({ result }: ComparedRun) => result.operations.info;
  const failed = ({ result }: ComparedRun) => result.operations.fail;
  const p99 = ({ result }: ComparedRun) => result.latency.p99Ms;
  const ofApps = appFigures(runs).map(({ name, value, words }) => of(name, value, words, "less"));
  if (runs.every(({ result }) => isOnlyOfApp(result)))
    return [...ofApps, of("promoted", () => null, promotions)];
  return [
    ...ofApps,
    ofServers("writes failed for", outage("write"), words("write"), "less"),
    ofServers("reads failed for", outage("read"), words("read"), "less"),
    ofServers(
      "of that unavoidable",
      () => null,
      ({ result }) => (result.failover.phases.length === 0 ? "—" : formatMs(result.failover.unavoidableMs)),
    ),
    ofServers("acknowledged writes lost", lost, count(lost), "less"),
    ofServers("written, though an error came", recovered, count(recovered)),
    of("promoted", () => null, promotions),
    ofServers("operations failed", failed, count(failed), "less"),
    ofServers("operations without an answer", unknown, count(unknown), "less"),
    ofServers("99% within", p99, (run) => formatMs(p99(run)), "less"),
    ofServers(
      "operations per second",
      () => null,
      count(({ result }) => result.operations.perSecond),
    ),
  ];
}

function promotions({ result }: ComparedRun): string {
  const to = result.failovers.flatMap(({ promoted }) => (promoted === null ? [] : [promoted.to]));
  return to.length === 0 ? "nobody" : to.join(", ");
}

function nodesOf({ topology }: ComparedRun["result"]): string {
  const of = (role: string) => topology.nodes.filter((node) => node.role === role).length;
  return `${topology.kind === "ha" ? "HA" : "Cluster"} ${of("primary")}+${of("replica")}${
    of("sentinel") > 0 ? `, ${formatCount(of("sentinel"), "Sentinel")}` : ""
  }`;
}

function ends(values: readonly (number | null)[], better?: "less"): Pick<Row, "best" | "worst"> {
  const known = values.filter((value) => value !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  if (better === undefined || known.length < 2 || least === most) return {};
  const at = (wanted: number) => values.flatMap((value, index) => (value === wanted ? [index] : []));
  return { best: at(least), worst: at(most) };
}
