import { DrillError, ERROR_CODES } from "../model/errors.ts";
import type { Measured } from "./measure/run-record.ts";

/** Exit code of errors that are a slip of whoever asked. */
const USAGE = 64;

/** What a user can mend: a package that is not installed, a profile that cannot be read. */
export function isForUser(error: unknown): boolean {
  return error instanceof DrillError && ERROR_CODES[error.code] === USAGE;
}

/** What is known of a run that proves nothing of the library, since the environment broke. */
export function brokenRun(why: string): Measured {
  return {
    verdict: "unknown",
    reasons: ["broken"],
    notes: [why],
    writeOutageMs: null,
    readOutageMs: null,
    toNewPrimaryMs: null,
    recovered: false,
    calls: { total: 0, ok: 0, rejected: {}, hung: 0, longestMs: 0, unsettled: 0 },
    writes: {
      acknowledged: 0,
      lost: null,
      lostByClient: null,
      rejectedApplied: null,
      unsettledApplied: null,
      duplicated: null,
    },
    staleReads: null,
    redirects: { moved: 0, ask: 0 },
    connections: { before: 0, after: 0, peakPerSecond: 0 },
    memory: null,
    cpu: null,
    blockedMs: 0,
    died: null,
    uncaught: [],
    errorEvents: 0,
    serverPushes: 0,
    serverErrors: {},
    features: [],
  };
}
