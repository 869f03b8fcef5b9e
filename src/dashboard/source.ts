import type { HistoryEvent } from "../model/event.ts";
import type { LiveSetup, LiveStatus } from "../model/live.ts";

/** What a node is at this moment, beside what events tell of it. */
export interface NodeNow {
  readonly name: string;
  /** Replication offset; -1: not known. */
  readonly offset: number;
  /** Slots that it serves, as text. */
  readonly slots: string;
}

/** What the page follows: a session by hand, or a drill. */
export interface LiveSource {
  readonly setup: LiveSetup;
  nowMs(): number;
  /** Every event of the history, at once and in order. Returns how to stop listening. */
  onEvent(listener: (event: HistoryEvent) => void): () => void;
  nodesNow(): readonly NodeNow[];
  status(): LiveStatus;
}
