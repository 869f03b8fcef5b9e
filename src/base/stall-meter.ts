/*
 *   every 10 ms: a tick ──late by more──▶ this process did not run, or was busy: a stall
 *                  └──wall clock jumped, and so did the time since boot──▶ the machine was suspended
 */
import { uptime } from "node:os";
import type { StallKind } from "../model/observed.ts";

/** A time in which this process handled nothing. Milliseconds of `performance.now()`. */
export interface OwnStall {
  readonly fromMs: number;
  readonly toMs: number;
  readonly kind: StallKind;
  /** Suspended: how long, which the monotonic clock does not count. */
  readonly lostMs?: number;
}

/** Short enough to place a stall well; a hundred ticks a second cost nothing that can be measured. */
const TICK_MS = 10;
/** Later than this it is told: less is what any timer has. */
const LATE_MS = 20;
/** A step of the wall clock by more is looked into. */
const JUMP_MS = 500;
/** A process that used the processor for this share of a stall was at work itself. */
const BUSY_SHARE = 0.5;

const listeners = new Set<(stall: OwnStall) => void>();
let timer: NodeJS.Timeout | undefined;
let lastMs = 0;
let lastWallMs = 0;
let lastCpuMs = 0;
/** Time since boot less the monotonic clock: it grows by what was spent suspended. */
let bootMs = 0;
let totalMs = 0;

/**
 * Calls `listener` with every stall of this process, until the returned function is called. There is one event loop, so there is
 * one meter, whoever listens.
 */
export function onStall(listener: (stall: OwnStall) => void): () => void {
  const own = (stall: OwnStall) => listener(stall); // one listener may be given twice
  listeners.add(own);
  if (timer === undefined) start();
  return () => {
    if (!listeners.delete(own) || listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/**
 * How long this process has stood still so far, while somebody listened: what is not told yet is counted, since timers that are
 * due at the same time come in any order.
 */
export function stalledMs(): number {
  if (timer === undefined) return totalMs;
  const late = performance.now() - lastMs - TICK_MS;
  return totalMs + (late > LATE_MS ? late : 0);
}

function start(): void {
  lastMs = performance.now();
  lastWallMs = Date.now();
  lastCpuMs = cpuMs();
  bootMs = uptime() * 1000 - lastMs;
  timer = setInterval(tick, TICK_MS);
  timer.unref();
}

function tick(): void {
  const [nowMs, wallMs, usedMs] = [performance.now(), Date.now(), cpuMs()];
  const gapMs = nowMs - lastMs;
  const isLate = gapMs > TICK_MS + LATE_MS;
  const lostMs = Math.abs(wallMs - lastWallMs - gapMs) > JUMP_MS ? suspendedMs(nowMs) : 0;
  if (lostMs > JUMP_MS) tell({ fromMs: lastMs, toMs: nowMs, kind: "suspended", lostMs: Math.round(lostMs) });
  else if (isLate) {
    const kind = usedMs - lastCpuMs >= gapMs * BUSY_SHARE ? "busy" : "not-run";
    tell({ fromMs: lastMs, toMs: nowMs, kind });
  }
  if (isLate) totalMs += gapMs - TICK_MS;
  [lastMs, lastWallMs, lastCpuMs] = [nowMs, wallMs, usedMs];
}

/** A wall clock that somebody has set is no suspension: the time since boot does not jump with it. */
function suspendedMs(nowMs: number): number {
  const now = uptime() * 1000 - nowMs;
  const lostMs = now - bootMs;
  bootMs = now;
  return lostMs;
}

function tell(stall: OwnStall): void {
  for (const listener of [...listeners]) listener(stall);
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
