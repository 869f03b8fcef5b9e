/*
 * What reading logs gives, and what a story is told from. All times are ms since 1970: in a line by the node's own
 * clock, in an event on
 * one clock for all. Everything that came from a log is text to show, never markup, a path or code: `clean` of read/
 * took out
 * whatever a terminal could obey.
 */

import type { IncidentKind } from "./kinds.ts";

export { type IncidentKind, SENTINEL_EVENTS } from "./kinds.ts";

/** Identity of a node within one report: `node-1`, … It says nothing by itself; `label` is for people. */
export type NodeId = string;

/** Where a line stands. */
export interface LinePlace {
  /** The file as it was given, or `standard input`. */
  readonly file: string;
  /** From 1 on. */
  readonly lineNo: number;
}

/** A line of a node's log, without prefix, colours and whatever else stood around it. */
export interface LogLine extends LinePlace {
  /** By the node's own clock; where the line tells no zone, as if it were UTC. `undefined`: the line tells no time. */
  readonly at: number | undefined;
  /** How exact the time is written, ms: 1, or 1000 where only syslog's seconds are known. */
  readonly precisionMs: number;
  /** `X`: Sentinel, `M`: primary, `S`: replica, `C`: child process, `?`: the line does not tell. */
  readonly role: "X" | "M" | "S" | "C" | "?";
  /** 0: the line does not tell. */
  readonly pid: number;
  /** Debug, verbose, notice, warning, or not told. */
  readonly level: "." | "-" | "*" | "#" | "?";
  readonly text: string;
}

/** A node of which a log tells, whether its own log was given or not. */
export interface ExplainedNode {
  readonly id: NodeId;
  /** For people: its address, else the name of its file or container; `unidentified 1` where there is neither. */
  readonly label: string;
  /** Whether an address, a cluster id or a Sentinel id is known of it. */
  readonly identified: boolean;
  /** `host:port`, the one that was seen last first. */
  readonly addresses: readonly string[];
  readonly runIds: readonly string[];
  readonly clusterId?: string;
  readonly sentinelMyid?: string;
  readonly kind: "server" | "sentinel" | "unknown";
  /** What a server was when its log ended, or as others saw it last. */
  readonly role?: "primary" | "replica";
  /** The primary it followed last. */
  readonly follows?: NodeId;
  /** A Sentinel: names of the groups that it monitors. A data node: the group it belongs to. */
  readonly groups: readonly string[];
  /** `valkey 8.1.1`, `redis 7.0.15`, as its log or INFO says. */
  readonly version?: string;
  /** Files in which lines of its own stand; empty: no log of it was given. */
  readonly files: readonly string[];
  /** First and last time of its own log, on the common clock; absent: no log. */
  readonly span?: { readonly from: number; readonly to: number };
  /** What names it, in words: `its own "Running mode" line: port 6379`. */
  readonly evidence: readonly string[];
  /**
   * Settings that its log, configuration file or INFO told, by their name in the configuration:
   * `down-after-milliseconds`.
   */
  readonly settings: Readonly<Record<string, KnownSetting>>;
}

/**
 * A setting and where it was told. A Sentinel's settings of a group have the group's name before them: `mymaster
 * down-after-milliseconds`.
 */
export interface KnownSetting {
  readonly value: string;
  readonly place: LinePlace;
}

/** How far the clock of a node is ahead of the common one. */
export interface ClockOffset {
  readonly node: NodeId;
  readonly offsetMs: number;
  /** It is off by no more than that; `null`: nothing ties this clock to the others, and it was taken as it stands. */
  readonly errorMs: number | null;
  /**
   * `reference`: the common clock is this one's; `one-clock`: nothing contradicts that it shows the same time; `pairs`:
   * estimated from pairs
   * of lines that must follow each other; `untied`: no such pair
   */
  readonly by: "reference" | "one-clock" | "pairs" | "untied";
  /** How many pairs of lines tie it to others. */
  readonly pairs: number;
  /** By how much the node's local time is ahead of UTC, where a line told that; `undefined`: its times tell no zone. */
  readonly zoneMs?: number;
  readonly contradictions: readonly Contradiction[];
}

/**
 * Pairs of lines that cannot all be true with clocks that run evenly: a clock was set, or the lines belong to
 * something else.
 */
export interface Contradiction {
  /** By how much, ms. */
  readonly byMs: number;
  /** In words: what would have had to come before what. */
  readonly text: string;
  readonly lines: readonly EventLine[];
  readonly nodes: readonly NodeId[];
}

/** The line from which an event was read, as it is shown. */
export interface EventLine extends LinePlace {
  /** The line's time by the node's own clock. */
  readonly at: number;
  readonly level: LogLine["level"];
  /** At most 400 characters, nothing in it that a terminal obeys. */
  readonly text: string;
}

/** Something that happened, on the common clock. */
export interface IncidentEvent {
  /** ms since 1970 on the common clock. */
  readonly at: number;
  /** How far `at` may be off against events of other nodes; `null`: nobody knows. */
  readonly errorMs: number | null;
  /** Whose log says so. */
  readonly node: NodeId;
  readonly kind: IncidentKind;
  /**
   * The node of which it is said, if another than `node`. Of `+switch-master` the old primary; the new one is
   * `data.to`.
   */
  readonly subject?: NodeId;
  readonly data: IncidentData;
  readonly line: EventLine;
  /** The same was told more often, the last time at `until`. */
  readonly repeated?: { readonly times: number; readonly until: number };
}

/** What a line tells besides; absent: it does not. */
export interface IncidentData {
  /** What an event of Sentinel is about. */
  readonly subjectKind?: "primary" | "replica" | "sentinel";
  /** Sentinel's name of the group. */
  readonly group?: string;
  /** The new primary of `+switch-master`, the candidate of a vote, the new primary of `+failover-detected`. */
  readonly to?: NodeId;
  /** Who told it: the sender of a FAIL message, the Sentinel whose configuration was taken or that promoted. */
  readonly teller?: NodeId;
  readonly epoch?: number;
  /** Of `+odown`: how many hold it to be down, and how many must. */
  readonly votes?: number;
  readonly quorum?: number;
  readonly offset?: number;
  /** How far it can serve the id that it was asked for, where that is less than `offset`. */
  readonly upTo?: number;
  readonly bytes?: number;
  readonly replId?: string;
  readonly newReplId?: string;
  readonly delayMs?: number;
  readonly rank?: number;
  readonly primaryRank?: number;
  readonly detail?: string;
}

/** An input that was not used, and why. */
export interface SkippedInput {
  readonly file: string;
  readonly why: string;
}

/** What all inputs together tell. */
export interface ReadReport {
  readonly nodes: readonly ExplainedNode[];
  readonly offsets: readonly ClockOffset[];
  /** By `at`; those at one time by node and line. */
  readonly events: readonly IncidentEvent[];
  readonly skipped: readonly SkippedInput[];
  /**
   * What limits the answer, in sentences: lines of which nobody knows the node, events left out because there were too
   * many.
   */
  readonly warnings: readonly string[];
  readonly totals: { readonly bytes: number; readonly lines: number; readonly logLines: number };
}

/** An input: a file or folder, or a stream with a name. */
export type LogInput = string | { readonly name: string; readonly stream: AsyncIterable<Uint8Array> };

/** What `readLogs` may be told. */
export interface ReadOptions {
  /** Only what happened from then on, ms since 1970, on the common clock. */
  readonly since?: number;
  readonly until?: number;
  /** For years that are missing; by default the time of the call. */
  readonly now?: number;
  /** Events kept at most; by default 50,000. What is left out is told in `warnings`. */
  readonly maxEvents?: number;
}
