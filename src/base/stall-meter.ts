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

/** What the clocks say at one time, ms. */
export interface Clocks {
  /** Monotonic: stands still while the machine is suspended. */
  readonly runMs: number;
  readonly wallMs: number;
  /** Processor time that this process has used. */
  readonly cpuMs: number;
  /** Time since the machine was started, suspended or not; asked for only where the wall clock jumped. */
  readonly bootMs: () => number;
}

const listeners = new Set<(stall: OwnStall) => void>();
let timer: NodeJS.Timeout | undefined;
let last: Clocks;
/** Time since boot less the monotonic clock: it grows by what was spent suspended. */
let aheadMs = 0;
let totalMs = 0;

/**
 * Calls `listener` with every stall of this process, until the returned function is called. There is one event loop, so
 * there is one meter, whoever listens.
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
 * How long this process has stood still so far, while somebody listened: what is not told yet is counted, since timers
 * that are due at the same time come in any order.
 */
export function stalledMs(): number {
  if (timer === undefined) return totalMs;
  const lateMs = performance.now() - last.runMs - TICK_MS;
  return totalMs + (lateMs > LATE_MS ? lateMs : 0);
}

/**
 * What two looks at the clocks, which should be a tick apart, tell of the time between.
 *
 * @param aheadMs how far the time since boot was ahead of the monotonic clock
 */
export function stallBetween(before: Clocks, now: Clocks, aheadMs: number): OwnStall | undefined {
  const gapMs = now.runMs - before.runMs;
  const span = { fromMs: before.runMs, toMs: now.runMs };
  if (Math.abs(now.wallMs - before.wallMs - gapMs) > JUMP_MS) {
    // A wall clock that somebody has set is no suspension: the time since boot does not jump with it.
    const lostMs = now.bootMs() - now.runMs - aheadMs;
    if (lostMs > JUMP_MS) return { ...span, kind: "suspended", lostMs: Math.round(lostMs) };
  }
  if (gapMs <= TICK_MS + LATE_MS) return undefined;
  return { ...span, kind: now.cpuMs - before.cpuMs >= gapMs * BUSY_SHARE ? "busy" : "not-run" };
}

function start(): void {
  last = clocks();
  aheadMs = last.bootMs() - last.runMs;
  timer = setInterval(tick, TICK_MS);
  timer.unref();
}

function tick(): void {
  const now = clocks();
  const stall = stallBetween(last, now, aheadMs);
  const gapMs = now.runMs - last.runMs;
  last = now;
  if (stall?.kind === "suspended") aheadMs = now.bootMs() - now.runMs;
  if (gapMs > TICK_MS + LATE_MS) totalMs += gapMs - TICK_MS;
  if (stall) for (const listener of [...listeners]) listener(stall);
}

function clocks(): Clocks {
  const { user, system } = process.cpuUsage();
  return {
    runMs: performance.now(),
    wallMs: Date.now(),
    cpuMs: (user + system) / 1000,
    bootMs: () => uptime() * 1000,
  };
}
