import type { Operation } from "../history/operations.ts";
import { plural, type Requirement } from "./checker.ts";
import type { Facts } from "./facts.ts";

/** Did that workload run? It may have been stopped before it sent anything. */
export function ran(facts: Facts, name: string): boolean {
  return (
    facts.operations.some(({ workload }) => workload === name) ||
    facts.observations("workload").some(({ workload }) => workload === name)
  );
}

/** The word of a checker that has nothing to look at. */
export const UNMEASURED = {
  verdict: "unknown",
  summary: "nothing was measured",
  evidence: { reason: "nothing-measured" },
} as const;

/** What must have been acknowledged. */
export interface Acknowledged {
  /** `increment`, `operation`. */
  readonly noun: string;
  /** What it sent. */
  readonly operations: readonly Operation[];
  /** The workload whose work it is. */
  readonly workload: string;
  /** `start`, or for a finite one `run`. */
  readonly by?: "start" | "run";
  readonly before?: readonly string[];
}

/** That anything was acknowledged at all: without that, nothing could have been found wrong. */
export function somethingAcknowledged({
  noun,
  operations,
  workload,
  by = "start",
  before,
}: Acknowledged): Requirement {
  const sent = operations.length;
  const seen =
    sent === 0
      ? `${workload} sent nothing, so there is nothing to judge`
      : `none of ${plural(sent, noun)} was acknowledged, so there is nothing to judge`;
  const add =
    by === "run"
      ? `Move "- run: ${workload}" to where the service is well`
      : `Let it run while the service is well: "- wait: 2s" after "- start: ${workload}"`;
  return {
    reason: sent === 0 ? "nothing-sent" : "nothing-acknowledged",
    needs: `at least one acknowledged ${noun}`,
    met: operations.some(({ outcome }) => outcome === "ok"),
    seen,
    add,
    before,
  };
}

/** The same, of a finite workload's operations. */
export function somethingDone(
  workload: string,
  operations: readonly Operation[],
  before?: readonly string[],
): Requirement {
  return somethingAcknowledged({ noun: "operation", operations, workload, by: "run", before });
}

/** A finite workload got as far as measuring what it is there for. */
export function measured(workload: string, count: number, noun: string): Requirement {
  return {
    reason: "nothing-measured",
    needs: `${workload} ran to its end, with at least one ${noun}`,
    met: count > 0,
    seen: `${workload} did not come to its end, or without any ${noun}: there is nothing to judge`,
    add: `Move "- run: ${workload}" to where the service is well`,
  };
}

/**
 * A drill that was cut short left nothing without its answer. What had none yet is no failure; one that had a wrong one
 * is.
 */
export function answeredBeforeCut(
  { complete }: Facts,
  operations: readonly Operation[],
  { lacking, isFailed, ...told }: CutShort,
): Requirement {
  const isOpen = ({ completedAt }: Operation) => completedAt === undefined;
  const open = operations.filter(isOpen).length;
  return {
    ...told,
    met: complete || open === 0,
    seen: `the drill was cut short while ${lacking(open)}`,
    before: () => operations.filter(isFailed).every(isOpen),
  };
}

/** What is told of operations that a drill was cut short in. */
interface CutShort extends Pick<Requirement, "reason" | "needs"> {
  /** Goes on from "the drill was cut short while". */
  readonly lacking: (open: number) => string;
  readonly isFailed: (operation: Operation) => boolean;
}
