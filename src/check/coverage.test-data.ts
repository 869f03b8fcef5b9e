import { type HandMadeRun, haFailoverWithoutLoad, OK, REFUSED } from "./history.test-data.ts";
import { judge } from "./judge.ts";

/* A failover with as much load as a test gives it, and what a check says of it. */

export const checkOf = (run: HandMadeRun, name: string) =>
  judge(run.build()).checks.find((check) => check.name === name);

/** The verdict of a check, and its reason. */
export function told(run: HandMadeRun, name: string): unknown[] {
  const { verdict, evidence = {} } = checkOf(run, name) ?? {};
  return [verdict, evidence.reason];
}

/** Refused between two times, ms; answered otherwise. */
export const refused = (from: number, to: number) => (at: number) => (at >= from && at < to ? REFUSED : OK);
export const ends = refused(2000, 3800);

/** The failover of {@link haFailoverWithoutLoad}, and a drill that goes on until 7.9 s. */
export const failover = (changes = {}) => haFailoverWithoutLoad(changes).step(7900, "wait");

/** Writes and reads, from one time to another. */
export const probed = (run: HandMadeRun, from: number, to: number, options = {}) =>
  run.probe({ from, to, ends, ...options }).probe({ f: "read", from: from + 10, to, ends, ...options });
