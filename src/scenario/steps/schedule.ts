/*
 *   entry ── at / after ──▶ its action ── every, times ──▶ again      all entries run beside each other;
 *   entry ── …                                                        the step ends when the last has ended
 */
import { z } from "zod";
import { conditionNames } from "../conditions.ts";
import { durationSchema, halvedMs } from "../duration.ts";
import type { StepInput } from "../input.ts";
import { withInput } from "../with-input.ts";
import { healStep, injectStep } from "./inject.ts";
import { runStep } from "./run.ts";
import { setStep } from "./set.ts";
import { startStep, stopStep } from "./start-stop.ts";
import { mergedLinks, type StepKind } from "./step.ts";

const ALL = [injectStep, healStep, setStep, runStep, startStep, stopStep] as const;
const ACTIONS: ReadonlyMap<string, StepKind> = new Map(ALL.map((kind) => [kind.action, kind as StepKind]));
/** The actions that an entry may have. */
export const SCHEDULED: readonly string[] = [...ACTIONS.keys()];
const actionNames = SCHEDULED.join(", ");

const MOST_TIMES = 1000;

/** When an entry is done. */
export const timingSchema = z.object({
  at: durationSchema.optional().describe("So long after the schedule began, or after the event of `after`."),
  every: durationSchema.optional().describe("Again and again, so long from one beginning to the next."),
  times: z.int().min(1).max(MOST_TIMES).optional().describe("How often, with `every`."),
  after: z.enum(conditionNames).optional().describe("Once that has come about, after a fault was injected."),
  within: durationSchema.optional().describe("How long `after` may take to come about. Default 30s."),
});

type Timing = z.infer<typeof timingSchema>;
type EntryInput = z.input<typeof timingSchema> & StepInput<(typeof ALL)[number]>;

export interface Entry {
  readonly timing: Timing;
  readonly action: string;
  readonly value: unknown;
}

const entry = withInput<EntryInput>()(
  z.looseObject(timingSchema.shape).transform((given, context): Entry => {
    const { at, every, times, after, within, ...rest } = given;
    const problem = (message: string, path: string[] = []) => {
      context.addIssue({ code: "custom", message, path });
      return z.NEVER;
    };
    const [action, ...more] = Object.keys(rest);
    const kind = action === undefined ? undefined : ACTIONS.get(action);
    if (action === undefined || kind === undefined || more.length > 0)
      return problem(`has one action of ${actionNames}, beside at, every, times, after, within`);
    if (at === undefined && every === undefined && after === undefined)
      return problem("says when: at, every or after");
    if ((every === undefined) !== (times === undefined)) return problem("every and times belong together");
    if (within !== undefined && after === undefined) return problem("within says how long `after` may take");
    const parsed = kind.schema.safeParse(rest[action]);
    if (parsed.success) return { timing: { at, every, times, after, within }, action, value: parsed.data };
    for (const issue of parsed.error.issues) problem(issue.message, [action, ...issue.path.map(String)]);
    return z.NEVER;
  }),
);

const schema = z.array(entry).min(1);

/** `schedule: [{ at: 1s, inject: { fault: pause, target: primary, for: 3s } }, { every: 500ms, times: 4, … }]` */
export const scheduleStep: StepKind<"schedule", typeof schema> = {
  action: "schedule",
  summary:
    "does several things, each at its own time: at, every (times), after an event; ends when all have ended",
  schema,
  written: (entries) => entries.map(writtenEntry),
  misfits: (entries, topology) =>
    entries.flatMap(({ action, value }, at) =>
      (kindOf(action).misfits?.(value, topology) ?? []).map(({ path, message }) => ({
        path: [at, action, ...path],
        message,
      })),
    ),
  uses: (entries) => entries.flatMap(({ action, value }) => kindOf(action).uses?.(value) ?? []),
  check(entries, on) {
    for (const { action, value } of entries) ACTIONS.get(action)?.check?.(value, on);
  },
  links: (entries) => mergedLinks(entries.map(({ action, value }) => ACTIONS.get(action)?.links?.(value))),
  smaller: (entries) => [
    ...(entries.length > 1 ? entries.map((_, at) => entries.toSpliced(at, 1)) : []),
    ...entries.flatMap((one, at) => smallerEntries(one).map((less) => entries.with(at, less))),
  ],
  title: (entries) => `schedule: ${entries.map(titleOf).join("; ")}`,
};

function smallerEntries(one: Entry): Entry[] {
  const { at, every, times = 1 } = one.timing;
  return [
    ...(times > 1 ? [{ ...one, timing: { ...one.timing, times: Math.ceil(times / 2) } }] : []),
    ...(at === undefined ? [] : halvedMs(at).map((ms) => ({ ...one, timing: { ...one.timing, at: ms } }))),
    ...(every === undefined
      ? []
      : halvedMs(every).map((ms) => ({ ...one, timing: { ...one.timing, every: ms } }))),
    ...(kindOf(one.action).smaller?.(one.value) ?? []).map((value) => ({ ...one, value })),
  ];
}

function kindOf(action: string): StepKind {
  const kind = ACTIONS.get(action);
  if (kind === undefined) throw new RangeError(`no action ${action}`);
  return kind;
}

function titleOf({ timing: { at, every, times, after }, action, value }: Entry): string {
  const when = [
    after === undefined ? [] : [`after ${after}`],
    at === undefined ? [] : [`at ${at / 1000} s`],
    every === undefined ? [] : [`every ${every / 1000} s, ${times} times`],
  ];
  return `${when.flat().join(", ")}: ${kindOf(action).title(value)}`;
}

function writtenEntry({ timing: { at, every, times, after, within }, action, value }: Entry) {
  return {
    ...(after !== undefined && { after }),
    ...(within !== undefined && { within: `${within}ms` }),
    ...(at !== undefined && { at: `${at}ms` }),
    ...(every !== undefined && { every: `${every}ms`, times }),
    [action]: kindOf(action).written?.(value) ?? value,
  };
}
