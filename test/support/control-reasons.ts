/**
 * Why each control must fail, as `check:reason`; all of them must say no. `test/controls.test.ts` holds each control to
 * it, and so does `npm run scenarios`.
 */
export const CONTROL_REASONS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  "controls/ha-no-sentinels": ["promotion:no-sentinel-alive"],
  "controls/ha-renamed-config": ["promotion:promotion-refused"],
  "controls/ha-sentinel-quorum-lost": ["promotion:sentinel-quorum-lost"],
  "controls/ha-emptied-replicas": ["durability:replicated-writes-lost"],
  "controls/ha-lock-expired": ["lock:two-holders"],
  "controls/ha-lock-split-brain": ["lock:two-holders"],
  "controls/ha-split-brain": ["topology:split-brain"],
  "controls/ha-unheard-replicas": ["durability:acknowledged-writes-lost"],
  "controls/cluster-shard-without-replica": ["topology:slots-uncovered"],
  "controls/ha-naive-retry": ["counter:counted-twice", "append:duplicated-elements"],
  "controls/ha-emptied-primary": ["append:replicated-elements-lost", "counter:replicated-increments-lost"],
  "controls/ha-lagging-replica": ["stale-reads:too-stale"],
  "controls/ha-replica-goes-back": ["stale-reads:non-monotonic-reads"],
  "controls/ha-transactions-unwatched": ["transaction:lost-update"],
  "controls/ha-queue-popped": ["queue:jobs-lost"],
  "controls/ha-silent-subscribers": ["pubsub:silent-subscriber"],
  "controls/ha-register-replica-reads": ["linearizability:not-linearizable"],
  "controls/ha-register-tampered": ["linearizability:not-linearizable"],
};
