import type { LiveAppSetup, LiveAppTick } from "./live-app.ts";
import type { LiveBucket } from "./live-bucket.ts";
import type { ShardPlan, TopologyKind } from "./plan.ts";
import type { ReportChange } from "./report-model.ts";

/* What the live page is told, as JSON. Times in ms since the session began, on its own clock. */

/** One option of a fault or a workload, as a field of a form. */
export interface LiveField {
  readonly name: string;
  /** `text` is also what takes several values, as the command line does: `a=1,b=2`. */
  readonly kind: "number" | "choice" | "switch" | "text";
  readonly whole?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
  /** What holds if nothing is given. */
  readonly initial?: string | number | boolean;
  readonly required: boolean;
  readonly hint?: string;
}

/** A fault that can be injected, with its options. */
export interface LiveFault {
  readonly kind: string;
  readonly summary: string;
  readonly targetKind: "nodes" | "links";
  readonly dataNodesOnly: boolean;
  readonly sentinelsOnly: boolean;
  /** Why it cannot be injected here; `null`: it can. */
  readonly lacks: string | null;
  readonly fields: readonly LiveField[];
}

export interface LiveWorkload {
  readonly name: string;
  readonly summary: string;
  readonly fields: readonly LiveField[];
}

/** What does not change while a session lasts. */
export interface LiveSetup {
  /** Another one begins another session on the same page. */
  readonly id: string;
  readonly title: string;
  /** `play`: the page gives orders; `watch`: it follows a drill. */
  readonly mode: "play" | "watch";
  readonly kind: TopologyKind;
  readonly driver: string;
  readonly valkey: string;
  readonly startedAt: string;
  readonly nodes: readonly {
    readonly name: string;
    readonly role: "primary" | "replica" | "sentinel";
    readonly endpoint: string;
    readonly shard?: number;
  }[];
  /** Cluster: which slots belong together; empty otherwise. */
  readonly shards: readonly ShardPlan[];
  readonly faults: readonly LiveFault[];
  readonly workloads: readonly LiveWorkload[];
  readonly clients: readonly string[];
  /** The application under the drill, where there is one. */
  readonly app?: LiveAppSetup;
}

/** Replication offsets at one moment, in the order of the data nodes among the nodes; -1: not known. */
export type LiveSample = readonly [atMs: number, offsets: readonly number[]];

/** Which slots a node serves from then on, as text; empty: none. */
export interface LiveSlots {
  readonly atMs: number;
  readonly node: string;
  readonly slots: string;
}

/** A line of the event log. */
export interface LiveLine {
  /** Rises by one from line to line. */
  readonly n: number;
  readonly atMs: number;
  readonly kind:
    | "fault"
    | "heal"
    | "promotion"
    | "topology"
    | "sentinel"
    | "outage"
    | "app"
    | "error"
    | "step";
  /** Who said or did it: a node, an instance of the application, or `drill`. */
  readonly from: string;
  readonly text: string;
}

/** A fault of the session, whether in force or healed. */
export interface LiveFaultWindow {
  readonly id: number;
  readonly fault: string;
  readonly label: string;
  readonly targets: readonly string[];
  readonly primaries: readonly string[];
  readonly injectMs: number;
  readonly injectedMs?: number;
  readonly healMs?: number;
  readonly healedMs?: number;
}

/** Writes or reads of the probe; in a cluster each shard has streams of its own. */
export interface LiveStream {
  readonly kind: "writes" | "reads";
  readonly shard?: number;
}

/** An outage, as the checkers will count it: from the last success to the first of a recovery that lasts. */
export interface LiveOutage extends LiveStream {
  readonly fromMs: number;
  /** Absent while it goes on, and while nobody knows whether its recovery lasts. */
  readonly toMs?: number;
  /** The first success since; whether that lasts is not known yet. */
  readonly seeminglyToMs?: number;
  /** The probe was stopped in it, at `toMs`: nobody saw its end. */
  readonly endUnseen?: true;
}

/**
 * A time over which the probe sent: only then anybody can say whether the service is well. `toMs` is absent while it
 * does.
 */
export interface LiveWatch extends LiveStream {
  readonly fromMs: number;
  readonly toMs?: number;
}

/** A step of a drill that is followed. */
export interface LiveStep {
  readonly index: number;
  readonly name: string;
  readonly status: "waiting" | "begin" | "done" | "timeout" | "error";
  readonly detail?: string;
}

/** What is so now: not part of what can be rewound. */
export interface LiveStatus {
  /** The workload that runs, with all of its options. */
  readonly workload: { readonly name: string; readonly options: Readonly<Record<string, unknown>> } | null;
  readonly client: string;
  /** Orders that are being carried out. */
  readonly busy: readonly string[];
  readonly steps: readonly LiveStep[];
  /** Nothing more is recorded: what is shown is how it was at the end. */
  readonly over: boolean;
  /** How the drill that is followed ended. */
  readonly ended: { readonly verdict: string; readonly text: string; readonly report: string | null } | null;
}

/** What is new since the tick before. */
export interface LiveTick {
  readonly nowMs: number;
  readonly buckets: readonly LiveBucket[];
  readonly changes: readonly ReportChange[];
  readonly samples: readonly LiveSample[];
  readonly slots: readonly LiveSlots[];
  readonly lines: readonly LiveLine[];
  /** Those that are new or have changed. */
  readonly faults: readonly LiveFaultWindow[];
  readonly outages: readonly LiveOutage[];
  readonly watched: readonly LiveWatch[];
  /** Absent: there is no application, or nothing of it is new. */
  readonly app?: LiveAppTick;
  readonly total: number;
  readonly status: LiveStatus;
}

/** Everything so far: what a page is told first, and again when buckets were merged. */
export interface LiveStart {
  readonly setup: LiveSetup;
  readonly bucketMs: number;
  readonly soFar: LiveTick;
}
