import type { Cluster, Valkey } from "iovalkey";
import type { Reply } from "../../valkey/admin.ts";

/** Sends the write and `WAIT` in one pipeline, so that both go over the same connection. */
export async function callAndWait(
  client: Valkey | Cluster,
  [name = "", ...rest]: readonly string[],
  wait: { replicas: number; waitMs: number },
): Promise<{ reply: Reply; confirmed: number }> {
  const replies = await client
    .pipeline()
    .call(name.toLowerCase(), ...rest)
    .call("wait", String(wait.replicas), String(wait.waitMs))
    .exec();
  const [written, waited] = replies ?? [];
  if (written?.[0]) throw written[0];
  // The write was done; only its replication is in doubt, which is what the caller is told.
  const confirmed = waited && !waited[0] ? Number(waited[1]) : 0;
  return { reply: (written?.[1] ?? null) as Reply, confirmed };
}
