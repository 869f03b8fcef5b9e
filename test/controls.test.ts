import { rm } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { judge } from "../src/check/judge.ts";
import { readHistory } from "../src/history/reader.ts";
import { builtInScenarios, loadScenario } from "../src/scenario/load.ts";
import type { Scenario } from "../src/scenario/schema.ts";
import { CONTROL_REASONS } from "./support/control-reasons.ts";
import { checkNamed, drill, drillOf, problems } from "./support/drill.ts";

interface Control {
  /** What the first check that must say no tells besides its reason. */
  readonly evidence?: object;
  readonly promoted: unknown;
  /** The same drill without what was planted, where it can be taken out: it must pass. */
  readonly sound?: (scenario: Scenario) => Scenario;
  /** Its fault needs addresses that other systems' loopback lacks. */
  readonly linuxOnly?: true;
  /** It, or it without what was planted, takes long: not in the gate. */
  readonly long?: "both" | "sound";
}

/** Each control breaks one thing, and must fail for that (`CONTROL_REASONS`), naming what is wrong. */
const CONTROLS: Record<string, Control> = {
  "controls/ha-no-sentinels": {
    evidence: { sentinelsAlive: 0 },
    promoted: null,
  },
  "controls/ha-renamed-config": {
    evidence: { commandsMissing: ["CONFIG"] },
    promoted: null,
  },
  "controls/ha-sentinel-quorum-lost": {
    long: "both",
    evidence: { sentinelsAlive: 1, needed: 2 },
    promoted: null,
  },
  "controls/ha-emptied-replicas": {
    long: "sound",
    evidence: {
      keys: expect.arrayContaining([expect.stringMatching(/^unique:[0-9a-f]{6}:1$/)]),
    },
    promoted: expect.objectContaining({ from: "primary" }),
    sound: without("flush"),
  },
  "controls/ha-lock-expired": {
    evidence: { causes: ["expired"] },
    promoted: null,
  },
  "controls/ha-lock-split-brain": {
    long: "both",
    evidence: { causes: expect.arrayContaining(["split-brain"]) },
    promoted: expect.objectContaining({ from: "primary" }),
  },
  "controls/ha-split-brain": {
    long: "sound",
    promoted: expect.objectContaining({ from: "primary" }),
    sound: withKillForPause,
  },
  "controls/ha-unheard-replicas": {
    long: "both",
    promoted: expect.objectContaining({ from: "primary" }),
    sound: without("cut"),
    linuxOnly: true,
  },
  "controls/cluster-shard-without-replica": {
    long: "sound",
    evidence: { uncovered: "0-5460" },
    promoted: null,
    sound: withReplicas,
  },
  "controls/ha-naive-retry": {
    evidence: { notes: [expect.stringContaining("sent again")] },
    promoted: null,
    sound: withOption("resend", false),
  },
  "controls/ha-emptied-primary": {
    promoted: null,
    sound: withoutFault,
  },
  "controls/ha-lagging-replica": {
    evidence: { readYourWrites: expect.objectContaining({ sessions: 4 }) },
    promoted: null,
    sound: withoutFault,
  },
  "controls/ha-replica-goes-back": {
    evidence: {
      monotonicReads: expect.objectContaining({
        first: expect.arrayContaining([expect.objectContaining({ read: 0, node: "replica-1" })]),
      }),
    },
    promoted: null,
    sound: withoutFault,
  },
  "controls/ha-transactions-unwatched": {
    long: "sound",
    evidence: { conflicts: 0 },
    promoted: null,
    sound: withOption("guard", "watch"),
  },
  "controls/ha-queue-popped": {
    long: "both",
    evidence: { missing: 0, handedOut: expect.toSatisfy((jobs: number) => jobs > 0) },
    promoted: null,
    sound: withOption("take", "move"),
  },
  "controls/ha-silent-subscribers": {
    long: "both",
    promoted: expect.objectContaining({ from: "primary" }),
    sound: withKillForPause,
  },
  "controls/ha-register-replica-reads": {
    evidence: {
      stretches: expect.arrayContaining([expect.objectContaining({ kind: "stale-read" })]),
    },
    promoted: null,
    sound: withOption("readFrom", "primary"),
  },
  "controls/ha-register-tampered": {
    evidence: {
      stretches: expect.arrayContaining([expect.objectContaining({ kind: "value-never-written" })]),
    },
    promoted: null,
    sound: withoutFault,
  },
};

describe("a drill that should fail does fail, for its own reason", () => {
  const here = Object.entries(CONTROLS).filter(
    ([, { linuxOnly }]) => !linuxOnly || process.platform === "linux",
  );
  for (const [name, wanted] of here)
    it(name, { tags: wanted.long === "both" ? "long" : [] }, () => mustFail(name, wanted));

  async function mustFail(name: string, wanted: Control): Promise<void> {
    const { result, folder } = await drill(name);
    expect(result.verdict).toBe("fail");
    for (const [check, reason] of reasonsOf(name))
      expect(checkNamed(result, check)).toMatchObject({ verdict: "fail", evidence: { reason } });
    expect(checkNamed(result, firstCheckOf(name))).toMatchObject({ evidence: wanted.evidence ?? {} });
    expect(result.failover.promoted).toEqual(wanted.promoted);
    expect(judge(await readHistory(folder.history))).toEqual(result); // judged again, offline: the same
    await rm(folder.dir, { recursive: true, force: true });
  }

  for (const [name, { sound, long }] of here) {
    if (sound)
      it(`${name} passes without what was planted`, { tags: long ? "long" : [] }, () =>
        mustPass(name, sound),
      );
  }

  async function mustPass(name: string, sound: (scenario: Scenario) => Scenario): Promise<void> {
    const { result, folder } = await drillOf(sound(await loadScenario(name)));
    expect(problems(result)).toEqual([]);
    expect(checkNamed(result, firstCheckOf(name))).toMatchObject({ verdict: "pass" });
    await rm(folder.dir, { recursive: true, force: true });
  }

  it("and passes without what was planted: holders of an expired lock that look at their clocks", async () => {
    const scenario = await loadScenario("controls/ha-lock-expired");
    const [start, ...rest] = scenario.steps;
    const { name, options } = (start as { value: { name: string; options: object } }).value;
    const careful = { action: "start", value: { name, options: { ...options, belief: "ttl" } } };
    const { result, folder } = await drillOf({ ...scenario, steps: [careful, ...rest] });
    expect(problems(result)).toEqual([]);
    await rm(folder.dir, { recursive: true, force: true });
  });

  it("has a test for every control that is shipped", async () => {
    const shipped = (await builtInScenarios()).filter((name) => name.startsWith("controls/"));
    expect(Object.keys(CONTROLS).sort()).toEqual(shipped.sort());
    expect(Object.keys(CONTROL_REASONS).sort()).toEqual(shipped);
  });
});

/** The checks that must say no, each with its reason. */
function reasonsOf(name: string): [check: string, reason: string][] {
  return (CONTROL_REASONS[name] ?? []).map((code) => code.split(":") as [string, string]);
}

function firstCheckOf(name: string): string {
  return reasonsOf(name)[0]?.[0] ?? "";
}

function withoutFault(scenario: Scenario): Scenario {
  const steps = scenario.steps.filter(({ action }) => action !== "inject");
  if (steps.length === scenario.steps.length) throw new Error(`${scenario.name} injects no fault`);
  return { ...scenario, steps };
}

/** Without one of its faults, and without the healing of it. */
function without(fault: string): (scenario: Scenario) => Scenario {
  return (scenario) => {
    const isIt = ({ action, value }: Scenario["steps"][number]) =>
      action === "heal" ? value === fault : (value as { fault?: string }).fault === fault;
    const steps = scenario.steps.filter((step) => !isIt(step));
    if (steps.length === scenario.steps.length) throw new Error(`${scenario.name} injects no ${fault}`);
    return { ...scenario, steps };
  };
}

/** The primary is lost for good, where it was frozen and went on. */
function withKillForPause(scenario: Scenario): Scenario {
  let turned = 0;
  const steps = scenario.steps.flatMap((step) => {
    if (step.action === "heal") return [];
    if (step.action !== "inject" || (step.value as { fault?: string }).fault !== "pause") return [step];
    turned += 1;
    return [{ ...step, value: { ...(step.value as object), fault: "kill" } }];
  });
  if (turned === 0) throw new Error(`${scenario.name} freezes nobody`);
  return { ...scenario, steps };
}

/** Its drill ends at the promotion that cannot come; where one comes, what follows is awaited too. */
function withReplicas(scenario: Scenario): Scenario {
  const topology = { ...scenario.topology, replicas: 1 } as Scenario["topology"];
  const back = { action: "await", value: { condition: "recovered", withinMs: 20_000 } };
  return { ...scenario, topology, steps: [...scenario.steps, back] };
}

/** The option of a workload that plants a mistake, as it should be. */
function withOption(option: string, value: unknown): (scenario: Scenario) => Scenario {
  return (scenario) => {
    let turned = 0;
    const steps = scenario.steps.map((step) => {
      const { name, options } = step.value as { name?: string; options?: Record<string, unknown> };
      if (options?.[option] === undefined || options[option] === value) return step;
      turned += 1;
      return { ...step, value: { name, options: { ...options, [option]: value } } };
    });
    if (turned === 0) throw new Error(`${scenario.name} plants nothing by ${option}`);
    return { ...scenario, steps };
  };
}
