import { APP_WORKLOAD, type ProbeHeader } from "../model/app.ts";
import type { CompletionEvent, HeaderEvent, InvokeEvent } from "../model/event.ts";
import { lateNs, TELLING } from "./app-late.ts";
import { STABLE_MS, STABLE_NS } from "./limits.ts";

/** One probe, as far as it tells whether the application is well. Times in ns. */
interface Asked {
  /** When those were due whose answer is still to come, in the order of sending. */
  readonly waiting: Map<number, number>;
  /** Nothing that was sent for so long may have gone wrong. */
  readonly stableNs: number;
  /** How long its first good answers took, in order of length: what it usually takes. Only until the first fault. */
  usual: readonly number[];
  firstDue: number;
  lastBadDue: number;
  lastGoodDue: number;
  lastGoodSentAt: number;
  lastError: string;
}

/**
 * Is the application well, while its probes ask it? Fed with a history as it comes: the header names the probes that
 * are sent at a fixed rate, and those tell. As for the checkers, an answer is late that took far longer than was usual
 * before the first fault, and a late answer is a bad one.
 */
export class AppService {
  readonly #probes = new Map<string, Asked>();
  readonly #byOp = new Map<
    number,
    { readonly probe: Asked; readonly due: number; readonly sentAt: number }
  >();

  #faulted = false;

  header({ app }: HeaderEvent): void {
    for (const { name, everyMs = 0 } of app?.probes.filter(isSteady) ?? []) {
      this.#probes.set(name, {
        waiting: new Map(),
        usual: [],
        stableNs: Math.max(STABLE_MS, 2 * everyMs) * 1e6,
        firstDue: Infinity,
        lastBadDue: -Infinity,
        lastGoodDue: -Infinity,
        lastGoodSentAt: -Infinity,
        lastError: "",
      });
    }
  }

  invoked({ op, at, due = at, workload, f }: InvokeEvent): void {
    const probe = workload === APP_WORKLOAD ? this.#probes.get(f) : undefined;
    if (probe === undefined) return;
    this.#byOp.set(op, { probe, due, sentAt: at });
    probe.waiting.set(op, due);
    probe.firstDue = Math.min(probe.firstDue, due);
  }

  /** The first fault has come: from now on nothing tells what is usual. */
  faulted(): void {
    this.#faulted = true;
  }

  completed({ op, at, type, error }: CompletionEvent): void {
    const sent = this.#byOp.get(op);
    if (sent === undefined) return;
    this.#byOp.delete(op);
    const { probe, due, sentAt } = sent;
    probe.waiting.delete(op);
    if (type === "ok" && !this.#faulted && probe.usual.length < ENOUGH)
      probe.usual = [...probe.usual, at - due].sort((a, b) => a - b);
    if (type === "ok" && at - due <= lateNs(medianOf(probe))) {
      probe.lastGoodDue = Math.max(probe.lastGoodDue, due);
      probe.lastGoodSentAt = Math.max(probe.lastGoodSentAt, sentAt);
    } else {
      probe.lastBadDue = Math.max(probe.lastBadDue, due);
      probe.lastError = type === "ok" ? "LATE" : (error?.class ?? "UNKNOWN");
    }
  }

  /**
   * Why the application does not count as well, or undefined if it does: of every probe a success must have been sent
   * since that time, nothing may wait for long, and nothing that was sent lately may have gone wrong. A probe that in
   * ten seconds never once succeeded tells nothing of it: it may ask for what is not there. ns.
   */
  unwell(since: number, now: number): string | undefined {
    if (this.#probes.size === 0) return "no probe asks it while the steps run";
    for (const [name, probe] of this.#probes) {
      const why = isMute(probe, now) ? undefined : unwellOf(probe, since, now);
      if (why !== undefined) return `${name} ${why}`;
    }
    return undefined;
  }
}

/** So long after its first question a probe that was never answered well is believed to ask for the wrong thing. */
const MUTE_NS = 10e9;

function isMute({ firstDue, lastGoodDue }: Asked, now: number): boolean {
  return lastGoodDue === -Infinity && now - firstDue > MUTE_NS;
}

function unwellOf(probe: Asked, since: number, now: number): string | undefined {
  const [oldestDue = now] = probe.waiting.values();
  if (now - oldestDue > STABLE_NS) return "waits for an answer";
  if (probe.lastBadDue > probe.lastGoodDue) return `fails: ${probe.lastError}`;
  if (probe.lastGoodSentAt < since) return "is not answered yet";
  return now - probe.lastBadDue < probe.stableNs ? "went well for too short a time" : undefined;
}

/** So many tell what is usual well enough. */
const ENOUGH = 100;

/** Of too few it is not known. */
function medianOf({ usual }: Asked): number {
  return usual.length < TELLING ? 0 : (usual[usual.length >> 1] as number);
}

/** It is sent again and again while the steps run. */
function isSteady({ by, when, everyMs }: ProbeHeader): boolean {
  return by !== "stdout" && everyMs !== undefined && (when.includes("during") || when.includes("always"));
}
