import type { PredictedLoss } from "../model/advise.ts";
import type { Advised } from "./advised.ts";

/**
 * How long a primary's clients go on being answered after its replicas left it: the look for lagging replicas comes
 * once a second.
 */
const LAG_LOOK_MS = 1000;
/** `appendfsync everysec`: an fsync each second, and one that is late is waited for as long again (src/aof.c). */
const EVERYSEC_MS = 2000;

/** Which acknowledged writes may be gone, and when. */
export function predictLosses(advised: Advised): PredictedLoss[] {
  return [killed(advised), cutOff(advised), restarted(advised)];
}

function killed({ kind, replicas }: Advised): PredictedLoss {
  const ha = kind === "ha";
  const scenario = ha ? "ha-failover" : "cluster-failover";
  const when = "the primary's process dies, and a replica takes over";
  if (replicas === 0)
    return {
      when: "the primary's process dies, and there is no replica",
      windowMs: null,
      what: "what the node does not come back with",
      scenario: ha ? "ha-empty-primary" : "controls/cluster-shard-without-replica",
    };
  return {
    when,
    windowMs: null,
    what:
      "what was acknowledged and had not reached the replica: mostly the last milliseconds, all since its link " +
      "stood still at worst; no setting bounds it, WAIT for all replicas does",
    scenario,
  };
}

function cutOff({ kind, settings }: Advised): PredictedLoss {
  const needed = Number(settings["min-replicas-to-write"]);
  const lagMs = Number(settings["min-replicas-max-lag"]) * 1000;
  const bounded = needed > 0 && lagMs > 0;
  if (kind === "cluster") {
    const timeoutMs = Number(settings["cluster-node-timeout"]);
    return {
      when: "the primary is cut off from the others, and clients still reach it",
      windowMs: bounded ? Math.min(timeoutMs, lagMs + LAG_LOOK_MS) : timeoutMs,
      what: "what it acknowledges until it stops by itself, after cluster-node-timeout",
      scenario: "cluster-isolated-primary",
    };
  }
  return {
    when: "the primary is cut off from replicas and Sentinels, and clients still reach it",
    windowMs: bounded ? lagMs + LAG_LOOK_MS : null,
    what: bounded
      ? "what it acknowledges until min-replicas-max-lag has passed"
      : "all that it acknowledges until the cut ends: nothing stops it",
    scenario: bounded ? "ha-isolated-primary-min-replicas" : "ha-isolated-primary",
  };
}

function restarted({ settings, values }: Advised): PredictedLoss {
  const when = "the primary is started again before anybody takes over, as a supervisor does";
  const scenario = "ha-empty-primary";
  if (settings.appendonly === "yes") {
    const always = settings.appendfsync === "always";
    const never = settings.appendfsync === "no";
    return {
      when: "the machines lose power at the same time",
      windowMs: always ? 0 : never ? null : EVERYSEC_MS,
      what: always
        ? "nothing that was acknowledged"
        : never
          ? "what the operating system had not written yet, mostly up to 30 s"
          : "what had not been written to the disk yet",
      scenario,
    };
  }
  const saves = values("save");
  const never = saves.at(-1) === '""';
  return {
    when,
    windowMs: null,
    what: never
      ? "everything: it comes back empty, and its replicas copy that"
      : "all since its last snapshot: its replicas copy what it comes back with",
    scenario,
  };
}
