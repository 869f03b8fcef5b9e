import { describe, expect, it } from "vitest";
import { FAULTS } from "../fault/registry.ts";
import type { NodeView } from "../observe/view.ts";
import { UNSEEN } from "../observe/view.ts";
import { planOf } from "../scenario/plans.test-data.ts";
import { faultForms, fieldsOf, workloadForms } from "./forms.ts";
import { type RecordedAction, selectorsOf, stepsOf } from "./recorded-actions.ts";

const recordedAction = (beganMs: number, doneMs: number, action = "heal"): RecordedAction => ({
  step: { action, value: "kill" },
  beganMs,
  doneMs,
});

describe("what was done by hand, as steps", () => {
  it("has the pauses between the end of one action and the beginning of the next", () => {
    expect(stepsOf([recordedAction(1000, 1400), recordedAction(3400, 3401)], 4000)).toEqual([
      { action: "heal", value: "kill" },
      { action: "wait", value: 2000 },
      { action: "heal", value: "kill" },
      { action: "wait", value: 599 },
    ]);
  });

  it("comes in the order in which it was begun, and tells no pause where one ran beside the other", () => {
    const steps = stepsOf([recordedAction(1500, 1600, "stop"), recordedAction(1000, 9000)], 9000);
    expect(steps.map(({ action }) => action)).toEqual(["heal", "stop"]);
  });

  it("splits what is longer than a wait may be", () => {
    const waits = stepsOf([recordedAction(0, 0), recordedAction(1_500_000, 1_500_000)], 1_500_000).filter(
      ({ action }) => action === "wait",
    );
    expect(waits.map(({ value }) => value)).toEqual([600_000, 600_000, 300_000]);
  });
});

describe("targets as selectors", () => {
  const seen = (role: "primary" | "replica", slots: NodeView["slots"] = []): NodeView => ({
    ...UNSEEN,
    reachable: true,
    role,
    slots,
  });
  const [kill, cut] = ["kill", "cut"].map((kind) => FAULTS.get(kind)) as [never, never];

  it("name a primary by its role, whatever its name, and nobody else", () => {
    const plan = planOf({ kind: "ha" });
    const view = new Map([
      ["primary", seen("replica")],
      ["replica-1", seen("primary")],
      ["replica-2", seen("replica")],
    ]);
    expect(selectorsOf(kill, ["replica-1"], plan, view)).toEqual(["primary"]);
    expect(selectorsOf(kill, ["replica-2", "sentinel-1"], plan, view)).toEqual(["replica-2", "sentinel-1"]);
    // As a selector "primary" would mean replica-1.
    expect(selectorsOf(kill, ["primary"], plan, view)).toEqual(["replica"]);
  });

  it("name the two ways of a link as one", () => {
    const plan = planOf({ kind: "ha" });
    const view = new Map([
      ["primary", seen("primary")],
      ["replica-1", seen("replica")],
    ]);
    expect(
      selectorsOf(cut, ["primary>replica-1", "replica-1>primary", "primary>clients"], plan, view),
    ).toEqual(["primary<>replica-1", "primary>clients"]);
  });

  it("name a primary of a cluster by its shard", () => {
    const plan = planOf({ kind: "cluster" });
    const view = new Map([["node-1", seen("primary", plan.shards[0]?.slots)]]);
    expect(selectorsOf(kill, ["node-1", "node-4"], plan, view)).toEqual(["shard:1/primary", "node-4"]);
  });
});

describe("forms", () => {
  const all = { capabilities: new Set(["pause"] as const) };

  it("are there for every fault of that kind of topology, and say what is lacking", () => {
    const forms = faultForms(all, "cluster");
    const meant = [...FAULTS.values()].filter(
      ({ topologies }) => topologies === undefined || topologies.includes("cluster"),
    );
    expect(forms.map(({ kind }) => kind)).toEqual(meant.map(({ kind }) => kind));
    const of = (kind: string) => forms.find((one) => one.kind === kind);
    expect(of("pause")).toMatchObject({ lacks: null, targetKind: "nodes" });
    expect(of("cut")).toMatchObject({ targetKind: "links", lacks: expect.stringContaining("cutting links") });
  });

  it("are not there for a fault that makes no sense on the topology", () => {
    const kinds = faultForms(all, "ha").map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(["kill", "rolling-restart"]));
    for (const kind of ["move-slots", "add-shard", "remove-shard"]) expect(kinds).not.toContain(kind);
  });

  it("have a field for each option, with its bounds, choices and default", () => {
    const field = (kind: string, name: string) =>
      fieldsOf(FAULTS.get(kind)?.options as never).find((one) => one.name === name);
    expect(field("cpu", "share")).toMatchObject({
      kind: "number",
      min: 0.01,
      max: 0.99,
      initial: 0.1,
      required: false,
    });
    expect(field("restart", "data")).toMatchObject({
      kind: "choice",
      choices: ["keep", "lose"],
      initial: "keep",
    });
    expect(field("config", "set")).toMatchObject({ kind: "text", required: false });
    expect(field("config", "minReplicas")).toMatchObject({ kind: "number", whole: true, min: 0, max: 100 });
  });

  it("hold the steady workloads of a topology", () => {
    expect(workloadForms("ha").map(({ name }) => name)).toContain("unique-writes");
    expect(workloadForms("ha").map(({ name }) => name)).not.toContain("crud");
  });
});
