import { type HeaderEvent, HISTORY_SCHEMA_VERSION, type HistoryEvent } from "../model/event.ts";
import type { Integrity } from "./integrity.ts";

/** What is said of a history that never was a file. */
export const INTACT: Integrity = {
  state: "verified",
  digest: `sha256:${"0".repeat(64)}`,
  events: 0,
  schemaVersion: HISTORY_SCHEMA_VERSION,
  differs: [],
};

/** A small valid header, for tests. */
export function sampleHeader(changes: Partial<HeaderEvent> = {}): HeaderEvent {
  return {
    type: "header",
    at: 0,
    schemaVersion: HISTORY_SCHEMA_VERSION,
    runId: "20250101-000000-sample-0000",
    scenario: "sample",
    seed: 7,
    startedAt: "2025-01-01T00:00:00.000Z",
    topology: {
      kind: "ha",
      driver: "process",
      valkey: "8.1.1",
      nodes: [{ name: "primary", role: "primary", endpoint: { host: "127.0.0.1", port: 20000 } }],
      shards: [],
      settings: {},
    },
    client: { name: "iovalkey", version: "0.4.0" },
    waitReplicas: 0,
    expect: {},
    replay: "valkey-drill run sample --seed 7",
    ...changes,
  };
}

/** A write that was invoked at `at`, in microseconds. */
export function sampleInvoke(op: number, atUs = op): HistoryEvent {
  return {
    type: "invoke",
    at: atUs * 1000,
    op,
    client: "w-1",
    workload: "writes",
    f: "write",
    key: `k:${op}`,
    value: `${op}`,
  };
}
