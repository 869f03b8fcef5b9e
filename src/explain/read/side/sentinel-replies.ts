import { address, type Ref } from "../phrases/told.ts";
import { type AboutNode, facts, type SideFacts } from "./side-input.ts";

const SETTINGS = ["down-after-milliseconds", "failover-timeout", "parallel-syncs", "quorum"];

/**
 * What SENTINEL MASTERS, MASTER, REPLICAS and SENTINELS answer, as `valkey-cli` prints it for a person (`1) "name"`) or
 * for a program
 * (a line for each); `undefined`: it is none of them.
 */
export function sentinelFacts(text: string): SideFacts | undefined {
  const words = text.split(/\r?\n/).map((line) => line.replace(/^(?:\s*\d+\)\s*)+/, "").trim());
  const plain = words.map((word) => /^"(.*)"$/.exec(word)?.[1] ?? word).filter((word) => word !== "");
  const records: Map<string, string>[] = [];
  for (let at = 0; at + 1 < plain.length; at += 2) {
    const [name = "", value = ""] = [plain[at], plain[at + 1]];
    if (name === "name") records.push(new Map());
    records.at(-1)?.set(name, value);
  }
  const known = records.filter((one) => one.has("flags") && one.has("ip") && one.has("port"));
  if (known.length === 0) return undefined;
  const about: AboutNode[] = [];
  const same: [Ref, Ref][] = [];
  for (const record of known) {
    const at = address(record.get("ip"), record.get("port"));
    const runId = /^[0-9a-f]{40}$/.exec(record.get("runid") ?? "")?.[0];
    if (at === undefined) continue;
    if (/\bsentinel\b/.test(record.get("flags") ?? "")) {
      if (runId !== undefined) same.push([`s:${runId}`, at]);
      continue;
    }
    about.push({ kind: "server", refs: [at], runId, ...roleOf(record), settings: settingsOf(record) });
  }
  return facts("SENTINEL", about, { same, servers: about.flatMap(({ refs }) => refs) });
}

function roleOf(record: ReadonlyMap<string, string>): Pick<AboutNode, "role"> {
  const flags = record.get("flags") ?? "";
  return { role: /\b(?:slave|replica)\b/.test(flags) ? "replica" : "primary" };
}

function settingsOf(record: ReadonlyMap<string, string>): Record<string, string> {
  const group = record.get("name") ?? "";
  if (!record.has("quorum")) return {};
  const pairs = SETTINGS.flatMap((name) => {
    const value = record.get(name);
    return value === undefined ? [] : [[`${group} ${name}`, value]];
  });
  return Object.fromEntries(pairs);
}
