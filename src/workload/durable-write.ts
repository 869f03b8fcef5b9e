import type { AnsweredBy } from "../client/client.ts";
import { NotReplicatedError } from "../client/errors.ts";
import type { Reply } from "../valkey/admin.ts";
import type { WorkloadContext } from "./workload.ts";

/** How long WAIT may take, as a part of the operation's deadline. */
const WAIT_SHARE = 0.8;

/**
 * Sets a key so that an acknowledgement means what the scenario says it means: the primary's answer, or, with
 * `durability.waitReplicas`, that many replicas' as well.
 *
 * @throws the client's error, or NotReplicatedError where WAIT confirmed too few: the write was done, but does not
 *   count
 */
export async function durableWrite(
  context: Pick<WorkloadContext, "writer" | "waitReplicas">,
  { key, value }: { readonly key: string; readonly value: string },
  deadlineMs: number,
  answeredBy?: AnsweredBy,
): Promise<void> {
  await durableCall(context, ["SET", key, value], deadlineMs, answeredBy);
}

/** The same for any command that writes; returns its reply. */
export async function durableCall(
  { writer, waitReplicas }: Pick<WorkloadContext, "writer" | "waitReplicas">,
  args: readonly string[],
  deadlineMs: number,
  answeredBy?: AnsweredBy,
): Promise<Reply> {
  if (waitReplicas === 0) return writer.call(args, deadlineMs, answeredBy);
  const wait = { replicas: waitReplicas, waitMs: Math.floor(deadlineMs * WAIT_SHARE) };
  const { reply, confirmed } = await writer.callAndWait(args, wait, deadlineMs, answeredBy);
  if (confirmed < waitReplicas) throw new NotReplicatedError(confirmed, waitReplicas);
  return reply;
}
