import type { Random } from "../base/random.ts";
import type { AnsweredBy } from "../client/client.ts";
import { withRetry } from "../client/retry.ts";
import type { Reply } from "../valkey/admin.ts";
import type { WorkloadContext } from "./workload.ts";

/** Bounds of a patient call: it outlasts a connection that is being replaced, not an outage. */
const PATIENCE = { initialMs: 10, maxMs: 200, totalMs: 5000, onlyIfNotDone: true } as const;

/**
 * A call as a careful application makes it: what surely was not done (refused, or there was no connection) is tried
 * again, for up to 5 s. Safe for any command; what may have been done is not sent twice.
 */
export function patientCall(
  context: Pick<WorkloadContext, "client" | "random">,
  args: readonly string[],
  deadlineMs: number,
  at: "primary" | "replica" = "primary",
  answeredBy?: AnsweredBy,
): Promise<{ value: Reply; attempts: number }> {
  const { client, random } = context;
  const send = () =>
    at === "replica"
      ? client.callReplica(args, deadlineMs, answeredBy)
      : client.call(args, deadlineMs, answeredBy);
  return patiently(random, send);
}

/** The same for any work: tried again as long as it surely was not done. */
export function patiently<T>(
  random: Random,
  work: () => Promise<T>,
): Promise<{ value: T; attempts: number }> {
  return withRetry(work, { ...PATIENCE, random });
}
