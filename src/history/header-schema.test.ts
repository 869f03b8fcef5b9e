import { describe, expect, it } from "vitest";
import { parseHeader } from "./parse-line.ts";
import { sampleHeader } from "./sample.test-data.ts";

const place = { path: "runs/x/history.jsonl", line: 1 };
const header = sampleHeader();
const [node] = header.topology.nodes;
const topology = (changes: object) => ({ ...header, topology: { ...header.topology, ...changes } });
const shard = { shard: 1, slots: [[0, 16_383]], primary: "primary", replicas: [] };

describe("the header of a history", () => {
  it("is taken with what a newer version may have added", () => {
    const more = { ...topology({ zones: 3 }), mood: "good", client: { ...header.client, build: 7 } };
    expect(parseHeader(more, place)).toEqual(more);
    const cluster = topology({ kind: "cluster", nodes: [{ ...node, shard: 1 }], shards: [shard] });
    expect(parseHeader(cluster, place)).toEqual(cluster);
  });

  it.each<[string, unknown, string]>([
    ["expect that is a text", { ...header, expect: "x" }, "header.expect: "],
    ["another text", { ...header, expect: "never" }, "header.expect: "],
    ["a list", { ...header, expect: [] }, "header.expect: "],
    [
      "an expectation that nobody knows",
      { ...header, expect: { promotedBy: "x" } },
      'Unrecognized key: "promotedBy"',
    ],
    [
      "one within another",
      { ...header, expect: { outage: { writesMs: 1 } } },
      'header.expect.outage: Unrecognized key: "writesMs"',
    ],
    [
      "a limit that is a text",
      { ...header, expect: { outage: { writeMs: "1s" } } },
      "header.expect.outage.writeMs",
    ],
    ["a limit below 0", { ...header, expect: { outage: { readMs: -1 } } }, "header.expect.outage.readMs"],
    [
      "a limit that is huge",
      { ...header, expect: { outage: { readMs: 1e300 } } },
      "header.expect.outage.readMs",
    ],
    [
      "a limit that is no number",
      { ...header, expect: { outage: { readMs: Number.NaN } } },
      "header.expect.outage.readMs",
    ],
    [
      "losses of another word",
      { ...header, expect: { lostAcknowledgedWrites: "all" } },
      "header.expect.lostAcknowledgedWrites",
    ],
    [
      "losses below 0",
      { ...header, expect: { lostAcknowledgedWrites: -1 } },
      "header.expect.lostAcknowledgedWrites",
    ],
    ["promoted that is a text", { ...header, expect: { promoted: "never" } }, "header.expect.promoted"],
    ["no topology", { ...header, topology: null }, "header.topology: "],
    ["no nodes", topology({ nodes: [] }), "header.topology.nodes: "],
    [
      "two nodes of one name",
      topology({ nodes: [node, node] }),
      "header.topology.nodes[1].name: a second node of the name primary",
    ],
    [
      "a port out of range",
      topology({ nodes: [{ ...node, endpoint: { host: "x", port: 70_000 } }] }),
      "nodes[0].endpoint.port",
    ],
    ["a negative quorum", topology({ quorum: -1 }), "header.topology.quorum"],
    ["another kind of topology", topology({ kind: "ring" }), "header.topology.kind"],
    [
      "a cluster without shards",
      topology({ kind: "cluster" }),
      "header.topology.shards: a cluster has shards",
    ],
    ["HA with shards", topology({ shards: [shard] }), "header.topology.shards: HA has no shards"],
    ["a node of no shard", topology({ nodes: [{ ...node, shard: 9 }] }), "there is no shard 9"],
    [
      "slots out of range",
      topology({ kind: "cluster", shards: [{ ...shard, slots: [[0, 16_384]] }] }),
      "header.topology.shards[0].slots[0][1]",
    ],
    [
      "a range turned round",
      topology({ kind: "cluster", shards: [{ ...shard, slots: [[9, 3]] }] }),
      "a range that ends before it begins",
    ],
    [
      "a shard of a node that is not there",
      topology({ kind: "cluster", shards: [{ ...shard, replicas: ["x"] }] }),
      "there is no node x",
    ],
    ["settings that are numbers", topology({ settings: { x: 1 } }), "header.topology.settings.x"],
    [
      "a setting that no server ever ran with",
      topology({ settings: { "min-replicas-to-write": "-1" } }),
      "header.topology.settings.min-replicas-to-write: not a whole number",
    ],
    ["a seed that is no whole number", { ...header, seed: 1.5 }, "header.seed"],
    ["a date that is none", { ...header, startedAt: "yesterday" }, "header.startedAt: not a date"],
    ["a negative WAIT", { ...header, waitReplicas: -1 }, "header.waitReplicas"],
    ["a negative time", { ...header, at: -5 }, "header.at"],
  ])("is refused with %s, naming place and field", (_what, json, message) => {
    expect(() => parseHeader(json, place)).toThrowError(
      expect.objectContaining({
        code: "BAD_RUN",
        message: expect.stringContaining("runs/x/history.jsonl:1: "),
      }),
    );
    expect(() => parseHeader(json, place)).toThrow(message);
  });
});
