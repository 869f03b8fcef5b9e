import type { Session } from "./store.ts";

/** What the reader has chosen to look at. */
export interface LiveView {
  /** `null`: now, and on with the time. */
  readonly stoppedMs: number | null;
  /** How much of the time the charts show; `null`: all of it. */
  readonly spanMs: number | null;
  /** Nodes that are chosen as targets. */
  readonly chosen: readonly string[];
}

export interface LivePanelProps {
  readonly session: Session;
  readonly view: LiveView;
  /** The moment that is looked at, ms. */
  readonly atMs: number;
  readonly range: { readonly fromMs: number; readonly toMs: number };
  readonly look: (change: Partial<LiveView>) => void;
}

/** Of a session that has just begun a few seconds are shown all the same. */
const LEAST_MS = 10_000;

/** What the charts show: up to now, or around the moment that is looked at. */
export function rangeOf({ nowMs }: Session, { stoppedMs, spanMs }: LiveView): LivePanelProps["range"] {
  const span = spanMs ?? Math.max(LEAST_MS, nowMs);
  const toMs = stoppedMs === null ? nowMs : Math.min(nowMs, stoppedMs + span / 2);
  const fromMs = Math.max(0, toMs - span);
  return { fromMs, toMs: Math.max(toMs, fromMs + span) };
}
