import type { Injections } from "../api/injections.ts";
import { didYouMean } from "../base/nearest.ts";
import { type Look, pause, waitFor } from "../base/wait.ts";
import { FAULTS } from "../fault/registry.ts";
import type { Injection } from "../scenario/input.ts";
import type { ActiveFault } from "../session/active-faults.ts";
import type { Session } from "../session/session.ts";
import { NotFound, toldOf } from "./refusal.ts";
import type { Inject, Injected } from "./wire.ts";

/** A fault that takes its time ends at once when its session does; one that asks a node waits for its answer. */
const END_MS = 30_000;

/** A fault that somebody asked for. */
interface Entry {
  readonly id: number;
  readonly active: ActiveFault;
  status: "pending" | "in-force" | "failed";
  error?: Injected["error"];
  /** Resolves when it is healed, where it was meant to last a time; rejects if it cannot be. */
  over?: Promise<void>;
}

/** The faults that a command has injected into one session, by numbers of their own. */
export class InjectedFaults {
  readonly #session: Session;
  readonly #injections: Injections;
  readonly #nextId: () => number;
  readonly #entries: Entry[] = [];
  readonly #beginning = new Set<Promise<unknown>>();

  constructor(session: Session, injections: Injections, nextId: () => number) {
    this.#session = session;
    this.#injections = injections;
    this.#nextId = nextId;
  }

  /** Aborts when the session ends: with what is under way in it. */
  get signal(): AbortSignal {
    return this.#session.signal;
  }
  get all(): Injected[] {
    return this.#entries.map((entry) => this.#told(entry));
  }

  /** @throws DrillError for what could not be injected here */
  check(given: Inject): void {
    this.#injections.check(given as Injection);
  }

  /** Answers once it is in force, or where nobody waits for that, once it has begun. */
  async inject(given: Inject, wait = true): Promise<Injected> {
    const { entry, done } = await this.#begin(given);
    if (wait) await done;
    return this.#told(entry);
  }

  /** Puts it in force; where it is meant to last a time, answers once it is healed. */
  async run(given: Inject): Promise<Injected> {
    const { entry, done } = await this.#begin(given);
    await done;
    await entry.over;
    return this.#told(entry);
  }

  get(id: string): Injected {
    return this.#told(this.#entry(id));
  }

  async healOne(id: string): Promise<Injected> {
    const entry = this.#entry(id);
    await this.#session.faults.heal(entry.active);
    return this.#told(entry);
  }

  /** Heals those that are in force and meant, the last first. @returns their kinds */
  async healWhere(isMeant: (active: ActiveFault) => boolean): Promise<string[]> {
    const { faults } = this.#session;
    const meant = faults.all.filter((active) => !active.selfHealed && isMeant(active)).toReversed();
    for (const active of meant) await faults.heal(active);
    return meant.map(({ fault }) => fault.kind);
  }

  /** For a session that is closed: waits for what was beginning, and undoes what would hit nodes started anew. */
  async end(): Promise<void> {
    const look = (): Look<undefined> => {
      const left = this.#beginning.size;
      return left === 0 ? { done: true, value: undefined } : { done: false, seen: `${left} of them` };
    };
    await waitFor(look, { what: "the faults that were beginning to end", timeoutMs: END_MS });
    await this.#session.faults.healWhatOutlives();
    await this.healWhere(({ fault }) => fault.targetKind === "links");
  }

  async #begin(given: Inject): Promise<{ entry: Entry; done: Promise<void> }> {
    let begun: (entry: Entry) => void = () => {};
    const beginning = new Promise<Entry>((resolve) => {
      begun = resolve;
    });
    let entry: Entry | undefined;
    const injecting = this.#injections.begin(given as Injection, (active) => {
      entry = { id: this.#nextId(), active, status: "pending" };
      this.#entries.push(entry);
      begun(entry);
    });
    const done = injecting.then(
      ({ forMs }) => {
        if (entry === undefined) return;
        entry.status = "in-force";
        if (forMs !== undefined) entry.over = this.#healAfter(entry, forMs);
      },
      (error: unknown) => {
        if (entry !== undefined) Object.assign(entry, { status: "failed", error: toldOf(error) });
        throw error;
      },
    );
    this.#beginning.add(done);
    done.finally(() => this.#beginning.delete(done)).catch(() => {}); // told to who waits, and in the entry
    return { entry: await Promise.race([beginning, done.then(() => beginning)]), done };
  }

  #healAfter(entry: Entry, forMs: number): Promise<void> {
    const { signal, faults } = this.#session;
    const healing = pause(forMs, signal).then(() => faults.heal(entry.active));
    healing.catch((error: unknown) => {
      if (!signal.aborted) entry.error = toldOf(error);
    });
    return healing;
  }

  #told({ id, active, status, error }: Entry): Injected {
    const { fault, targets, options, selfHealed } = active;
    const healed = status === "in-force" && (selfHealed || !this.#session.faults.all.includes(active));
    return {
      id,
      fault: fault.kind,
      label: fault.label(targets, options),
      targets: [...targets],
      status: healed ? "healed" : status,
      ...(error !== undefined && { error }),
    };
  }

  #entry(id: string): Entry {
    const entry = this.#entries.find((one) => String(one.id) === id);
    if (entry) return entry;
    const ids = this.#entries.map((one) => one.id).join(", ") || "none";
    throw new NotFound(`there is no fault ${id}`, `Injected since the last reset: ${ids}.`);
  }
}

/** @throws NotFound for a kind that is not there */
export function checkKind(kind: string): void {
  if (FAULTS.has(kind)) return;
  throw new NotFound(`no fault is named "${kind}".${didYouMean(kind, [...FAULTS.keys()])}`);
}
