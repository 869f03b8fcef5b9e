/*
 *                    ┌── observer, node deaths, stalls ──┐
 *   environment ─▶ open ── faults ── sender ── events ──▶ sink (history.jsonl) ─▶ settle ─▶ close
 *                                                                                 last look    end, in one order
 */
import { setMaxListeners } from "node:events";
import type { Random } from "../base/random.ts";
import { type NodeExit, nodeDied, type RunningTopology } from "../driver/driver.ts";
import { type RunClock, runClock } from "../history/clock.ts";
import type { Recorder } from "../history/recorder.ts";
import type { RunFolder } from "../history/run-store.ts";
import { recordStalls } from "../history/stall-record.ts";
import { nodeNames } from "../model/addresses.ts";
import { DrillError, messageOf } from "../model/errors.ts";
import type { EndEvent, HistoryEvent } from "../model/event.ts";
import type { Plan } from "../model/plan.ts";
import { inspect } from "../observe/inspect.ts";
import { type LogReader, loggedNodes, logReader } from "../observe/node-logs.ts";
import { type Observer, observe } from "../observe/observer.ts";
import type { TopologyView } from "../observe/view.ts";
import { type LiveOperations, liveOperations } from "../scenario/live-operations.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";
import { historyLog, type Log } from "../workload/log.ts";
import { ActiveFaults } from "./active-faults.ts";
import { firstFailure } from "./closing.ts";
import type { Environment } from "./environment.ts";
import { type HeaderParts, headerOf } from "./header.ts";
import { recordLogs } from "./log-record.ts";

export interface SessionOptions {
  /** Opens what takes the events: `openRecorder`, for a history that is written as it happens. */
  readonly openSink: (onFailure: (failure: DrillError) => void) => Recorder;
  /** What ran, for the first line. Absent where nothing is written. */
  readonly header?: HeaderParts;
  readonly random: Random;
  /** Aborts everything that is under way in the session. The session must still be closed. */
  readonly signal: AbortSignal;
  /**
   * What becomes of a session that proves nothing any more, since a node died by itself or the history cannot be
   * written: `ends` aborts its signal, for what judges at the end; `goes-on` leaves it to the user, who asks for
   * `broken`.
   */
  readonly whenBroken: "ends" | "goes-on";
  /** Marks the nodes' logs at the beginning, so that `settle` can read them. */
  readonly readsLogs: boolean;
  /** Called before the first event. Must not throw. */
  readonly onBegin?: (watched: Recording) => void;
}

/** A running recording, as one may look at it from outside. */
export interface Recording {
  readonly plan: Plan;
  /** Wall clock, ISO 8601, at which `now()` was 0. */
  readonly startedAt: string;
  /** Nanoseconds since it began. */
  readonly now: () => number;
  readonly onEvent: (listener: (event: HistoryEvent) => void) => () => void;
  readonly view: () => TopologyView;
}

/** How a history ends. */
export type Ending = Omit<EndEvent, "type" | "at">;

/** The life of one recorded environment: what watches it, what is broken in it, and how its history begins and ends. */
export class Session {
  readonly topology: RunningTopology;
  readonly admins: AdminPool;
  readonly clock: RunClock;
  readonly recorder: Recorder;
  readonly log: Log;
  readonly operations: LiveOperations;
  readonly faults: ActiveFaults;
  readonly random: Random;
  /** Aborts when the session is closed, or as `whenBroken` says. */
  readonly signal: AbortSignal;
  readonly #options: SessionOptions;
  readonly #ended = new AbortController();
  readonly #closing: (() => unknown)[] = [];
  #observer: Observer | undefined;
  #logs: LogReader | undefined;
  #lastDeclaredDown: { readonly at: number; readonly what: string } | undefined;
  #broken: Error | undefined;
  #closed: Promise<unknown> | undefined;

  /**
   * Opens the history and begins to look. On failure nothing is left open, and the history tells why it ended.
   *
   * @throws DrillError `STATE_UNWRITABLE`; what looking at the nodes throws
   */
  static async open(
    environment: Pick<Environment, "topology" | "admins">,
    options: SessionOptions,
  ): Promise<Session> {
    const session = new Session(environment, options);
    try {
      await session.#begin();
      return session;
    } catch (error) {
      throw await session.close(error);
    }
  }

  private constructor(
    { topology, admins }: Pick<Environment, "topology" | "admins">,
    options: SessionOptions,
  ) {
    const { openSink, random } = options;
    this.#options = options;
    this.topology = topology;
    this.admins = admins;
    this.random = random;
    this.signal = AbortSignal.any([options.signal, this.#ended.signal]);
    setMaxListeners(0, this.signal); // every wait of every step listens to it
    this.clock = runClock();
    this.recorder = openSink((failure) => this.#break(failure));
    this.log = historyLog(this.recorder, this.clock, nodeNames(topology.plan));
    this.operations = liveOperations(topology.plan);
    this.faults = new ActiveFaults(this);
    this.recorder.onEvent((event) => {
      this.operations.take(event);
      const what = declaredDown(event);
      if (what !== undefined) this.#lastDeclaredDown = { at: event.at, what };
    });
    this.onClose(() => this.faults.healWhatOutlives());
  }

  async #begin(): Promise<void> {
    const { topology, admins, plan, clock, recorder } = this;
    const { header, onBegin, readsLogs } = this.#options;
    const now = clock.now;
    onBegin?.(this.recording);
    if (header) recorder.record(headerOf(header, plan, clock.startedAt));
    this.onClose(topology.onUnexpectedExit((exit) => this.#nodeDied(exit)));
    const observer = await observe({ plan, admins, record: recorder.record, now });
    this.#observer = observer;
    this.onClose(() => observer.stop());
    if (readsLogs) {
      this.#logs = logReader({
        ...loggedNodes(plan),
        admins,
        logOf: (node) => topology.log(node),
        fileOf: (node, path) => topology.fileOf(node, path),
        now,
      });
      await this.#logs.mark();
    }
    this.onClose(recordStalls(recorder.record, now));
  }

  get plan(): Plan {
    return this.topology.plan;
  }
  get view(): TopologyView {
    return this.#observer?.view ?? new Map();
  }
  get recording(): Recording {
    const { plan, recorder, clock } = this;
    return { plan, ...clock, onEvent: recorder.onEvent, view: () => this.view };
  }
  /** The last time (ns) that Sentinels or a cluster's primaries agreed that a node is down, and what was said. */
  get lastDeclaredDown(): { readonly at: number; readonly what: string } | undefined {
    return this.#lastDeclaredDown;
  }
  /** Why the session proves nothing any more: the first node that died by itself, or why the history is not whole. */
  get broken(): Error | undefined {
    return this.#broken;
  }

  now(): number {
    return this.clock.now();
  }

  /** Looks at every node now: `view` is of after this call, not of before what was just done. */
  async look(): Promise<void> {
    await this.#observer?.refresh();
  }

  /**
   * What is really there once all load has stopped: every key at its servers, every node's own word, and the nodes'
   * logs.
   *
   * @param into the history that tells of it, if not the session's own: a copy, where the session goes on
   */
  async settle(folder: RunFolder, into: Pick<Log, "observe"> = this.log): Promise<void> {
    await this.look();
    await inspect(this.plan, this.view, this.admins, this.log.toRead, into);
    await this.#logs?.mark();
    if (this.#logs) await recordLogs(await this.#logs.read(), into, folder);
  }

  /** Done when the session is closed, the last first: before that, whoever sends must have ended. */
  onClose(work: () => unknown): void {
    this.#closing.push(work);
  }

  /**
   * Ends what is under way, heals what would outlive the nodes, and ends the history: in one order, whatever fails on
   * the way. Closed twice is closed once.
   *
   * @param failure what broke the work of the session, if something did
   * @param end how the history ends if nothing failed
   * @returns the failure that counts: what broke the session, else the one given, else one of closing
   */
  close(failure?: unknown, end: Ending = { reason: "completed" }): Promise<unknown> {
    this.#closed ??= this.#close(failure, end);
    return this.#closed;
  }

  async #close(given: unknown, end: Ending): Promise<unknown> {
    const broke = this.#options.whenBroken === "ends" ? this.#broken : undefined;
    this.#ended.abort(broke ?? given ?? new DrillError("INTERRUPTED", "the session was closed"));
    const unclosed = await firstFailure(this.#closing.toReversed());
    const failure = broke ?? given ?? unclosed;
    const how = failure === undefined ? end : brokenEnding(failure, this.#options.signal.aborted);
    this.recorder.record({ type: "end", at: this.now(), ...how });
    const unwritten = await this.recorder.close();
    return failure ?? unwritten;
  }

  #nodeDied(exit: NodeExit): void {
    const { node, signal, code } = exit;
    this.log.observe("node-died", { node, text: `died by itself (${signal ?? `exit code ${code}`})` });
    this.#break(nodeDied(exit));
  }

  #break(cause: Error): void {
    this.#broken ??= cause;
    if (this.#options.whenBroken === "ends") this.#ended.abort(cause);
  }
}

/** How a history ends that was broken off. */
export function brokenEnding(failure: unknown, interrupted = false): Ending {
  return { reason: interrupted ? "interrupted" : "error", detail: messageOf(failure) };
}

/**
 * Opens a session, does the work, and closes it, on every path. Nothing is thrown.
 *
 * @returns what the work gave, and what broke it or the session, if something did
 */
export async function inSession<T>(
  environment: Pick<Environment, "topology" | "admins">,
  options: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<{ readonly done?: T; readonly failure?: unknown }> {
  let session: Session;
  try {
    session = await Session.open(environment, options);
  } catch (failure) {
    return { failure }; // its history has ended already
  }
  try {
    const done = await work(session);
    return { done, failure: await session.close() };
  } catch (error) {
    return { failure: await session.close(error) };
  }
}

/** Sentinel's `+odown`, or a cluster node's FAIL flag: what was said, `undefined` for any other event. */
function declaredDown(event: HistoryEvent): string | undefined {
  if (event.type !== "topology") return undefined;
  if (event.event === "flag" && event.to === "fail") return `${event.source} holds ${event.subject} failed`;
  return event.detail?.startsWith("+odown ") ? `${event.source}: ${event.detail}` : undefined;
}
