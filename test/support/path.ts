import type { FailoverResult } from "../../src/model/result.ts";

/** How far the path may be off the outage: a part of it. */
const TOLERANCE = 0.05;

/**
 * What is wrong with a failover's account of where the time went: it must begin and end with the outage, pass through
 * every phase named, in that order, each step after the one before, and add up to the outage.
 */
export function pathProblems(failover: FailoverResult, through: readonly string[]): string[] {
  const { outageMs, phases, unavoidableMs } = failover;
  if (outageMs === null) return ["the outage was not measured, or did not end"];
  const path = phases.filter((phase) => phase.path);
  const names = path.map(({ name }) => name);
  const sum = path.reduce((total, { tookMs }) => total + tookMs, 0);
  // What was sent before the fault struck may be answered a moment after it was ordered.
  const expected = ["last success", ...(names.includes("fault") ? ["fault"] : []), ...through, "first write"];
  const found = names.filter((name) => expected.includes(name));
  return [
    ...(Math.abs(sum - outageMs) > outageMs * TOLERANCE
      ? [`${sum} ms in all, the outage was ${outageMs} ms`]
      : []),
    ...(found.join() === expected.join() ? [] : [`${found.join()} in place of ${expected.join()}`]),
    ...path
      .slice(1)
      .flatMap(({ name, since }, index) => (since === names[index] ? [] : [`${name} since ${since}`])),
    ...path.flatMap(({ name, tookMs, governedBy }) =>
      (governedBy?.unavoidableMs ?? 0) > tookMs ? [`${name} took less than was unavoidable`] : [],
    ),
    ...(unavoidableMs > 0 && unavoidableMs < outageMs
      ? []
      : [`${unavoidableMs} ms unavoidable of ${outageMs}`]),
  ];
}
