/** What Sentinel sends to promote a node, all in one transaction (src/sentinel.c, `sentinelSendReplicaOf`). */
export const SENT_TO_PROMOTE = ["MULTI", "SLAVEOF", "CONFIG", "CLIENT", "EXEC"] as const;
