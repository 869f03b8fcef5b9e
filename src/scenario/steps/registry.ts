import { awaitStep } from "./await.ts";
import { healStep, injectStep } from "./inject.ts";
import { runStep } from "./run.ts";
import { scheduleStep } from "./schedule.ts";
import { setStep } from "./set.ts";
import { startStep, stopStep } from "./start-stop.ts";
import type { StepKind } from "./step.ts";
import { waitStep } from "./wait.ts";

/** All kinds of steps, by the key that names them in a scenario. */
export const STEPS: ReadonlyMap<string, StepKind> = new Map(
  [runStep, startStep, stopStep, waitStep, injectStep, healStep, awaitStep, setStep, scheduleStep].map(
    (kind) => [kind.action, kind as StepKind],
  ),
);
