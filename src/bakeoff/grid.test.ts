import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BakeoffRun } from "../model/bakeoff.ts";
import { cellOf } from "./bakeoff.ts";
import { about, DEFAULTS, expectedSeconds } from "./estimate.ts";
import { type GridCell, gridOf } from "./grid.ts";
import { readProfile } from "./profiles.ts";

const named = (cells: readonly GridCell[]) =>
  cells.map(({ kind, scenario, library, profile }) => `${kind}-${scenario.name} ${library} ${profile.name}`);

describe("the grid", async () => {
  const profiles = [await readProfile("default"), await readProfile("tuned")];
  const grid = (scenarios: string[], clients?: string[]) =>
    gridOf({ scenarios, clients, profiles, features: false });

  it(
    "has every library with every profile, kill and pause, in HA and in a cluster, if nothing else is " +
      "asked for",
    () => {
      const cells = grid([]);
      expect(cells).toHaveLength(32);
      expect(cells.filter(({ unsupported }) => unsupported)).toHaveLength(4); // GLIDE knows no Sentinel
      expect(cells.filter(({ unsupported }) => unsupported).every(({ library }) => library === "glide")).toBe(
        true,
      );
    },
  );

  it("takes less than ten minutes as it is, and a run alone as long as it takes", () => {
    const each = grid([]).filter(({ unsupported }) => !unsupported);
    const all = Array.from({ length: DEFAULTS.runs }, () => each).flat();
    expect(about(expectedSeconds(all, DEFAULTS.parallel))).toBe("8 min");
    expect(about(expectedSeconds(grid(["ha-kill"], ["ioredis"]).slice(0, 1), 3))).toBe("10 s");
    expect(expectedSeconds([], 3)).toBe(0);
  });

  it("has what is asked for, the libraries beside each other", () => {
    expect(named(grid(["cluster-kill"], ["ioredis", "glide"]))).toEqual([
      "cluster-kill ioredis default",
      "cluster-kill ioredis tuned",
      "cluster-kill glide default",
      "cluster-kill glide tuned",
    ]);
  });

  it("takes settings and support by how clients find the servers", async () => {
    const cells = grid(["dns"], ["ioredis", "glide"]);
    expect(cells.map(({ kind, unsupported }) => [kind, unsupported?.why.slice(0, 14)])).toEqual([
      ["ha", undefined],
      ["ha", undefined],
      ["ha", "resolves names"],
      ["ha", "resolves names"],
    ]);
  });

  it.each([
    ["a scenario that is none", ["kil"], undefined, /Did you mean "kill"/],
    [
      "a scenario in a topology that it is not for",
      ["ha-move-slots"],
      undefined,
      /move-slots is for cluster, not for ha/,
    ],
    ["a library that is none", ["kill"], ["iordis"], /Did you mean "ioredis"/],
  ])("refuses %s", (_, scenarios, clients, message) => {
    expect(() => grid(scenarios, clients)).toThrow(message);
  });
});

describe("a profile of one's own", () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "valkey-drill-profiles-"));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  const given = async (file: string, text: string) => {
    await writeFile(join(dir, file), text);
    return readProfile(join(dir, file));
  };

  it("is read from YAML, for the libraries and topologies that it names", async () => {
    const profile = await given("mine.yaml", "ioredis:\n  ha: { maxRetriesPerRequest: 1 }\n");
    expect(profile.refOf("ioredis", "ha")).toEqual({ name: "mine", options: { maxRetriesPerRequest: 1 } });
    expect(profile.refOf("ioredis", "cluster")).toBeUndefined();
    const cells = gridOf({ scenarios: ["kill"], profiles: [profile], features: false });
    expect(named(cells)).toEqual(["ha-kill ioredis mine"]);
    expect(() => gridOf({ scenarios: ["dns"], profiles: [profile], features: false })).toThrow(
      "says nothing of these",
    );
    const forNames = await given("name.yaml", "ioredis:\n  dns: { maxRetriesPerRequest: 1 }\n");
    const byName = gridOf({ scenarios: ["dns", "kill"], profiles: [forNames], features: false });
    expect(named(byName)).toEqual(["ha-dns ioredis name"]);
  });

  it("is a module where options are functions: it is imported where it is used", async () => {
    const profile = await given(
      "own.mjs",
      "export default { ioredis: { ha: { retryStrategy: () => 10 } } };",
    );
    expect(profile.refOf("ioredis", "ha")).toEqual({
      name: "own",
      module: expect.stringMatching(/^file:.*own\.mjs$/),
    });
  });

  it.each([
    ["that is not there", () => readProfile("./nowhere.yaml"), /cannot be read/],
    ["that is none of ours", () => readProfile("turbo"), /no profile "turbo"/],
    ["with a slip in it", () => given("slip.yaml", "ioredis:\n  hha: {}\n"), /slip\.yaml:2/],
    ["that is a broken module", () => given("broken.mjs", "export default 7;"), /cannot be used/],
  ])("is refused if it is one %s", async (_, read, message) => {
    await expect(read()).rejects.toThrow(message);
  });
});

describe("the verdict on a cell", async () => {
  const [cell] = gridOf({
    scenarios: ["ha-kill"],
    profiles: [await readProfile("default")],
    features: false,
  });
  const run = (verdict: BakeoffRun["verdict"], reasons: string[]) =>
    ({
      verdict,
      reasons,
      writeOutageMs: 100,
      toNewPrimaryMs: null,
      calls: { longestMs: 7 },
    }) as unknown as BakeoffRun;
  const judged = (...runs: BakeoffRun[]) => {
    const { verdict, reasons, sometimes } = cellOf(cell as GridCell, runs);
    return { verdict, reasons, sometimes };
  };
  const pass = run("pass", []);
  const lost = run("fail", ["lost"]);

  it("is that of all runs, if they agree", () => {
    expect(judged(pass, pass)).toEqual({ verdict: "pass", reasons: [], sometimes: [] });
    expect(judged(lost, lost)).toEqual({ verdict: "fail", reasons: ["lost"], sometimes: [] });
  });

  it("fails for a reason that half of the runs share, and says nothing for one that fewer do", () => {
    expect(judged(lost, pass)).toEqual({ verdict: "fail", reasons: ["lost"], sometimes: [] });
    expect(judged(lost, pass, pass)).toEqual({ verdict: "unknown", reasons: [], sometimes: ["lost"] });
  });

  it("is unknown without a run, and if the environment broke", () => {
    expect(judged().verdict).toBe("unknown");
    expect(judged(run("unknown", ["broken"])).verdict).toBe("unknown");
  });
});
