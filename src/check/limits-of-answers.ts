import { SLOT_COUNT } from "../base/slots.ts";
import { STALL_MS } from "../service/limits.ts";
import type { Answers } from "./answer-span.ts";
import { LATE, NO_SENTINEL } from "./answers.ts";
import { plural } from "./checker.ts";
import type { Facts, FaultWindow } from "./facts.ts";
import { faultsDuring } from "./faults-during.ts";
import { WRITABLE_DELAY_MS } from "./pace.ts";
import type { PhaseLimit } from "./phase-limit.ts";
import { processStarts } from "./process-starts.ts";
import { promotionsSeen } from "./promotions-seen.ts";
import { settingAt } from "./settings.ts";

interface Meaning {
  readonly setting?: string;
  /** The value with which no server answers so: it was changed where nobody recorded it, as by a fault. */
  readonly off?: string;
  readonly note: string;
}

/**
 * What an answer means, and the setting that makes a server give it. Texts of src/server.c, src/cluster.c and
 * src/replication.c.
 */
const MEANING: Readonly<Record<string, Meaning>> = {
  NOREPLICAS: {
    setting: "min-replicas-to-write",
    off: "0",
    note: "it takes writes only while so many replicas are linked to it",
  },
  MASTERDOWN: {
    setting: "replica-serve-stale-data",
    note: "its link to its primary is down, and with no it answers nothing then",
  },
  LOADING: { note: "it reads its data from its disk" },
  CLUSTERDOWN: { note: "it says cluster_state:fail" },
  READONLY: { note: "it is a replica, and nobody was primary" },
  TRYAGAIN: { note: "the slot is being moved, and not all keys of the request are at one node" },
  MISCONF: {
    setting: "stop-writes-on-bgsave-error",
    note: "its last snapshot failed, and with yes it takes no writes then",
  },
  OOM: { setting: "maxmemory", note: "it has no memory left for writes" },
  BUSY: { setting: "busy-reply-threshold", note: "a script or function keeps it busy" },
  MAXCLIENTS: { setting: "maxclients", note: "it takes no more connections" },
  [NO_SENTINEL]: { note: "no Sentinel answered, so that the client could ask nobody for the primary" },
};

/**
 * What limits the step that ends with the last of such answers: the servers' part of an outage, of which nothing is the
 * client's.
 */
export function limitOfAnswers(facts: Facts, fault: FaultWindow, answers: Answers): PhaseLimit {
  const { class: code, from, to, node, count } = answers;
  const during = faultsDuring(facts, fault, answers);
  if (code === LATE) {
    const late =
      `${plural(count, "operation")} went well, but ended later than ${STALL_MS} ms after they were due: ` +
      `the servers, or the machine of both, were busy`;
    return { setting: null, value: null, note: late + during };
  }
  const {
    setting = null,
    off,
    note,
  } = code === "CLUSTERDOWN" ? clusterDown(facts, answers) : meaningOf(code);
  const known = setting === null ? undefined : settingAt(facts, setting, from);
  const value = known === off ? null : (known ?? null);
  const asked = count > 0 ? `answered ${code} ${plural(count, "time")}` : `would have answered ${code}`;
  const who = code === NO_SENTINEL ? "" : `${node ?? "the servers"} ${asked}: `;
  return { setting, value, note: `${who}${note}${superseded(facts, answers)}${during}`, earliestAt: to };
}

function meaningOf(code: string): Meaning {
  return MEANING[code] ?? { note: "it refused" };
}

/** A node that has just been started, one in the minority, and one that misses slots all say the same. */
function clusterDown(facts: Facts, { from, to, node }: Answers): Meaning {
  const started = processStarts(facts).findLast((one) => one.node === node && one.at <= to);
  const delayNs = WRITABLE_DELAY_MS * 1e6;
  // It says so a little longer: until its next look at the state.
  if (started && started.at + delayNs > from && to - started.at < 2 * delayNs) {
    return {
      note:
        `a primary of a cluster takes no commands for ${WRITABLE_DELAY_MS / 1000} s after its start, which ` +
        `nothing turns (CLUSTER_WRITABLE_DELAY)`,
    };
  }
  const why = facts
    .observations("log-event")
    .findLast((line) => line.event === "cluster-down" && line.node === node && line.at <= to)?.detail;
  if (why !== undefined && /minority/.test(why)) {
    return {
      setting: "cluster-node-timeout",
      note: "it reaches too few of the primaries; once it does, it waits as long as this, from 0.5 s to 5 s",
    };
  }
  const setting = "cluster-require-full-coverage";
  const served = facts.topology.findLast(
    ({ event, source, at }) => event === "slots" && source === node && at <= to,
  )?.to;
  const misses = why === undefined ? served !== undefined && Number(served) < SLOT_COUNT : /slot/.test(why);
  return misses && settingAt(facts, setting, from) === "yes"
    ? {
        setting,
        note: "it says cluster_state:fail: slots are served by nobody, and with yes it takes no commands then",
      }
    : meaningOf("CLUSTERDOWN");
}

/** A primary that another was promoted in place of goes on refusing until somebody makes it a replica. */
function superseded(facts: Facts, { node, from, to, class: code }: Answers): string {
  if (code !== "NOREPLICAS") return "";
  const found = promotionsSeen(facts).findLast((one) => one.at <= to && one.from === node && one.to !== node);
  if (!found) return "";
  const until =
    facts.header.topology.kind === "ha"
      ? "; a Sentinel makes it a replica, and so ends its connections, 8 s after it came back at the earliest"
      : "";
  const since = found.at < from ? "" : " meanwhile";
  return `; ${found.to} had been promoted${since} in its place, and the client was not told${until}`;
}
