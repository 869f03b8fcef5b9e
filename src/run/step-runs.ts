import type { z } from "zod";
import { pauseRunning, waitFor } from "../base/wait.ts";
import { faultNamed } from "../fault/registry.ts";
import { DrillError } from "../model/errors.ts";
import { CONDITIONS, heldTargets } from "../scenario/conditions.ts";
import type { AnyStep } from "../scenario/steps/registry.ts";
import { workloadNamed } from "../scenario/steps/use-workload.ts";
import { shownTargets } from "../scenario/targets.ts";
import type { StepRun } from "./drill.ts";
import { inject } from "./inject.ts";
import { runSchedule } from "./schedule.ts";

type StepRuns = { readonly [Kind in AnyStep as Kind["action"]]: StepRun<z.output<Kind["schema"]>> };

/** What each kind of step does, by the key that names it in a scenario. */
const RUNS: StepRuns = {
  inject,

  async heal({ session }, kind) {
    const fault = faultNamed(kind);
    const healed = await session.faults.healAll(fault);
    return shownTargets(
      fault,
      healed.flatMap(({ targets }) => targets),
    );
  },

  async run({ session, workloads }, { name, options }) {
    const before = session.operations.total;
    await workloads.run(workloadNamed(name), options);
    return `${session.operations.total - before} operations`;
  },

  async start({ workloads }, { name, options }) {
    workloads.start(workloadNamed(name), options);
    return undefined;
  },

  async stop({ workloads }, name) {
    await workloads.stop(name);
    return undefined;
  },

  async wait({ session }, ms) {
    const told = session.operations.measure();
    await pauseRunning(ms, session.signal);
    return told();
  },

  async await({ session }, { condition, within: timeoutMs }) {
    const { title: what, begin } = CONDITIONS[condition];
    const look = begin(session, session.now());
    await session.look(); // what held before the step before this one holds no longer
    return waitFor(look, { what, timeoutMs, signal: session.signal });
  },

  async set({ session }, settings) {
    const args = Object.entries(settings).flat();
    const faulted = heldTargets(session.faults);
    const nodes = session.plan.nodes.filter(
      ({ program, name }) => program === "server" && !faulted.includes(name),
    );
    await Promise.all(nodes.map(({ name }) => session.admins.of(name).call(["CONFIG", "SET", ...args])));
    session.log.observe("settings", settings);
    return `on ${nodes.length} nodes`;
  },

  schedule: (drill, entries) => runSchedule(drill, entries, stepRun),
};

/** What does a step of that kind. @throws DrillError `BAD_SCENARIO` if there is none */
export function stepRun(action: string): StepRun {
  if (Object.hasOwn(RUNS, action)) return RUNS[action as keyof StepRuns] as StepRun;
  throw new DrillError("BAD_SCENARIO", `no action is named "${action}"`);
}
