import type { Integrity } from "../history/integrity.ts";
import { DrillError, messageOf } from "../model/errors.ts";
import type { CheckResult, Result } from "../model/result.ts";
import type { Facts } from "./facts.ts";

/** Which history a result was computed from, and whether that is what was recorded. */
export function historyOf({ integrity }: Facts): NonNullable<Result["history"]> {
  const { state, digest, events, schemaVersion } = integrity;
  return { schemaVersion, events, digest, verified: state === "verified", note: noteOf(integrity) };
}

function noteOf({ state, differs }: Integrity): string | null {
  if (state === "verified") return null;
  if (state === "damaged") return `this is not the history that was recorded: ${differs.join("; ")}`;
  if (state === "unfinished")
    return "the history has no last line: recording broke off, and nobody can verify what is there";
  return "the history could not be verified: it was recorded in schema 1, without a digest";
}

/**
 * What is judged: of a damaged history nothing. Any number in it may be wrong, and what is gone looks like what never
 * happened.
 */
export function sound(facts: Facts): Facts {
  if (facts.integrity.state !== "damaged") return facts;
  const empty = new Map<never, never>();
  return {
    ...facts,
    complete: false,
    operations: [],
    faults: [],
    topology: [],
    watermarks: [],
    steps: [],
    finalNodes: [],
    finalValues: empty,
    finalValuesInOrder: () => () => undefined,
    finalLists: empty,
    unread: [],
    settingChanges: [],
    observations: () => [],
  };
}

/** The one word on a damaged history; nothing of one that is not. */
export function damageOf({ integrity }: Facts): CheckResult[] {
  if (integrity.state !== "damaged") return [];
  return [
    {
      name: "history",
      verdict: "unknown",
      summary:
        `the history was changed or damaged after it was recorded, and is not ` +
        `judged: ${integrity.differs.join("; ")}`,
      evidence: { reason: "history-damaged", differs: integrity.differs },
    },
  ];
}

/**
 * A history that was recorded whole breaks nothing, or we have a defect. One that nobody can verify may hold anything.
 *
 * @throws DrillError `BAD_RUN` in place of whatever else is thrown on a history that is not verified
 */
export function guarded<Made>(facts: Facts, make: (facts: Facts) => Made): Made {
  try {
    return make(facts);
  } catch (cause) {
    if (cause instanceof DrillError || facts.integrity.state === "verified") throw cause;
    throw new DrillError("BAD_RUN", `the history holds what no run can have left: ${messageOf(cause)}`, {
      hint: "The file was changed or damaged. Run the drill again.",
      cause,
    });
  }
}
