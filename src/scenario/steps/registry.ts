import { awaitStep } from "./await.ts";
import { healStep, injectStep } from "./inject.ts";
import { runStep } from "./run.ts";
import { scheduleStep } from "./schedule.ts";
import { setStep } from "./set.ts";
import { startStep, stopStep } from "./start-stop.ts";
import type { StepKind } from "./step.ts";
import { waitStep } from "./wait.ts";

const ALL = [
  runStep,
  startStep,
  stopStep,
  waitStep,
  injectStep,
  healStep,
  awaitStep,
  setStep,
  scheduleStep,
] as const;

/** A kind of step, with the types of its key and its value. */
export type AnyStep = (typeof ALL)[number];

/** All kinds of steps, by the key that names them in a scenario. */
export const STEPS: ReadonlyMap<string, StepKind> = new Map(
  ALL.map((kind) => [kind.action, kind as StepKind]),
);

/** What a step is called wherever it is shown: "kill primary for 3 s". */
export function titleOf({ action, value }: { readonly action: string; readonly value: unknown }): string {
  return STEPS.get(action)?.title(value) ?? action;
}
