import type { Integrity } from "../history/integrity.ts";
import { isOfOperation, type Operation, OperationJoiner } from "../history/operations.ts";
import type { History } from "../history/reader.ts";
import { stallsIn } from "../history/stalls.ts";
import { isOfApp } from "../model/app.ts";
import type { ClientHelp } from "../model/client-help.ts";
import { DrillError } from "../model/errors.ts";
import type {
  EndEvent,
  FaultEvent,
  HeaderEvent,
  HistoryEvent,
  ObservationEvent,
  ReplicatedEvent,
  RoleChange,
  StepEvent,
  TopologyEvent,
} from "../model/event.ts";
import {
  type FinalNode,
  type ObservationName,
  type Observed,
  type OwnObservation,
  observedIn,
  type StallData,
} from "../model/observed.ts";
import { settingName } from "../model/setting-name.ts";
import { FinalValues } from "./final-values.ts";

/** One fault from injection to healing. Times in ns on the run's clock. */
export interface FaultWindow {
  readonly id: number;
  readonly fault: string;
  readonly targets: readonly string[];
  /** The primaries, when it came, that it hit or asked to give up their place. */
  readonly primaries: readonly string[];
  /** The changes of roles that it meant to bring about; absent: the history does not tell. */
  readonly roles?: readonly RoleChange[];
  /** Data of those primaries may be gone by the fault alone; see `FaultEvent`. */
  readonly losesData?: FaultEvent["losesData"];
  /** Cluster: their shards. */
  readonly shards: readonly number[];
  /** What it is called on a timeline: `primary killed`. */
  readonly label?: string;
  readonly injectAt: number;
  readonly injectedAt?: number;
  readonly healAt?: number;
  readonly healedAt?: number;
}

/** A history, sorted into what the checkers ask for. */
export interface Facts {
  readonly header: HeaderEvent;
  readonly complete: boolean;
  /** Whether the history is what was recorded. */
  readonly integrity: Integrity;
  readonly endReason?: string;
  readonly operations: readonly Operation[];
  /** What probes asked of an application under the drill. They are no operations on the servers. */
  readonly asked: readonly Operation[];
  readonly faults: readonly FaultWindow[];
  readonly topology: readonly TopologyEvent[];
  readonly watermarks: readonly ReplicatedEvent[];
  readonly steps: readonly StepEvent[];
  readonly finalNodes: readonly FinalNode[];
  /** Value of each key at the end (`null`: no such key). A key that could not be read is missing. */
  readonly finalValues: ReadonlyMap<string, string | null>;
  /** Gives what `finalValues` gives, quickly for many keys in the order in which they were written. */
  finalValuesInOrder(): (key: string) => string | null | undefined;
  /** Elements of each list at the end; a key that is not there is an empty list. */
  readonly finalLists: ReadonlyMap<string, readonly string[]>;
  /** Keys that could not be read at the end. */
  readonly unread: readonly string[];
  /** When the tool itself stood still, in order, none over another: what was not observed is charged to nobody. */
  readonly stalls: readonly StallData[];
  /** The data of every observation of that name, in order. */
  observations<Name extends ObservationName>(name: Name): readonly Observed[Name][];
  /** The same of what a plugin recorded, read by its own schema. @throws ZodError if one is not as the schema says */
  observations<Data>(own: OwnObservation<Data>): readonly Data[];
  /** What `set` steps changed, in order. */
  readonly settingChanges: readonly {
    readonly at: number;
    readonly settings: Readonly<Record<string, string>>;
  }[];
  /** What is known to help clients of applications; empty: nothing was given. */
  readonly clientHelp: readonly ClientHelp[];
  /** Time of the last event, ns. */
  readonly endedAt: number;
}

type Settings = Readonly<Record<string, string>>;

/** A `set` step may call settings what they were called before: the checkers look for one name. */
function currentNames(settings: Settings): Settings {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [settingName(name), value]));
}

/** What is known beside the history. It changes no verdict: it says what helps. */
export interface Knowledge {
  readonly clientHelp?: readonly ClientHelp[];
}

/** @throws DrillError `BAD_RUN` if the history contradicts itself */
export function factsOf({ header, events, complete, integrity }: History, knowledge: Knowledge = {}): Facts {
  const fold = new FactsFold(knowledge);
  fold.take(header);
  for (const event of events) fold.take(event);
  return fold.facts(integrity, complete);
}

/**
 * Makes the facts of a history while it is read, so that its events need not all be held: of an operation a compact
 * record stays.
 */
export class FactsFold {
  readonly #joiner = new OperationJoiner();
  readonly #observations = new Map<string, unknown[]>();
  readonly #faults = new Map<number, FaultWindow>();
  readonly #topology: TopologyEvent[] = [];
  readonly #watermarks: ReplicatedEvent[] = [];
  readonly #steps: StepEvent[] = [];
  readonly #settingChanges: { at: number; settings: Settings }[] = [];
  readonly #finalValues = new FinalValues();
  readonly #finalLists = new Map<string, readonly string[]>();
  readonly #unread: string[] = [];
  #header: HeaderEvent | undefined;
  #end: EndEvent | undefined;
  #endedAt = 0;
  readonly #clientHelp: readonly ClientHelp[];

  constructor({ clientHelp = [] }: Knowledge = {}) {
    this.#clientHelp = clientHelp;
  }

  /**
   * Events in the order in which they were recorded, the header first. @throws DrillError `BAD_RUN` if they contradict
   * each other
   */
  take(event: HistoryEvent): void {
    this.#endedAt = event.at;
    if (isOfOperation(event)) this.#joiner.take(event);
    else if (event.type === "topology") this.#topology.push(event);
    else if (event.type === "replicated") this.#watermarks.push(event);
    else if (event.type === "step") this.#steps.push(event);
    else if (event.type === "observation") this.#observe(event);
    else if (event.type === "fault") this.#fault(event);
    else if (event.type === "end") this.#end = event;
    else this.#header = event;
  }

  /** @param complete whether the run was recorded to its end, if that is known otherwise */
  facts(integrity: Integrity, complete = this.#end?.reason === "completed"): Facts {
    const finals = this.#finalValues;
    const observations = observationsIn(this.#observations);
    if (this.#header === undefined) throw new DrillError("BAD_RUN", "the history has no header");
    const all = this.#joiner.operations;
    const hasApp = this.#header.app !== undefined;
    return {
      header: this.#header,
      complete,
      integrity,
      endReason: this.#end && (this.#end.detail ?? this.#end.reason),
      operations: hasApp ? all.filter((one) => !isOfApp(one)) : all,
      asked: hasApp ? all.filter(isOfApp) : [],
      faults: [...this.#faults.values()],
      topology: this.#topology,
      watermarks: this.#watermarks,
      steps: this.#steps,
      finalNodes: observations("final-node"),
      get finalValues() {
        return finals.byKey;
      },
      finalValuesInOrder: () => finals.inOrder(),
      finalLists: this.#finalLists,
      unread: this.#unread,
      stalls: stallsIn(observations("stall"), all),
      settingChanges: this.#settingChanges,
      observations,
      clientHelp: this.#clientHelp,
      endedAt: this.#endedAt,
    };
  }

  #observe(event: ObservationEvent): void {
    const { name, at, data } = event;
    const finals = observedIn(event, "final-values");
    if (finals !== undefined) {
      this.#finals(finals);
      return;
    }
    const settings = observedIn(event, "settings");
    if (settings !== undefined) this.#settingChanges.push({ at, settings: currentNames(settings) });
    const same = this.#observations.get(name);
    if (same) same.push(data);
    else this.#observations.set(name, [data]);
  }

  #finals({ node = "", values = [], unread = [] }: Observed["final-values"]): void {
    for (const [key, found] of values) {
      if (found === null || typeof found === "string") this.#finalValues.add(node, key, found);
      else this.#finalLists.set(key, found);
    }
    for (const key of unread) this.#unread.push(key);
  }

  #fault(event: FaultEvent): void {
    const { id, fault, targets, primaries = [], shards = [], label, losesData, roles, at, phase } = event;
    const begun = this.#faults.get(id) ?? {
      ...{ id, fault, targets, primaries, shards, label, injectAt: at },
      ...(losesData !== undefined && { losesData }),
    };
    const when = { inject: {}, injected: { injectedAt: at }, heal: { healAt: at }, healed: { healedAt: at } };
    this.#faults.set(id, { ...begun, ...(roles !== undefined && { roles }), ...when[phase] });
  }
}

/** Those of this tool were validated as the history was read; a plugin's own are by its own schema. */
function observationsIn(byName: ReadonlyMap<string, readonly unknown[]>): Facts["observations"] {
  return (of: ObservationName | OwnObservation) => {
    if (typeof of === "string") return (byName.get(of) ?? []) as never;
    return (byName.get(of.name) ?? []).map((data) => of.data.parse(data)) as never;
  };
}

/** The planned shard of a node, `undefined` in HA. */
export function shardOfNode(facts: Facts, name: string): number | undefined {
  return facts.header.topology.nodes.find((node) => node.name === name)?.shard;
}

/** Milliseconds to a tenth. */
export function tenth(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/** Names of the data nodes. */
export function dataNodes(facts: Facts): string[] {
  return facts.header.topology.nodes.filter((node) => node.role !== "sentinel").map((node) => node.name);
}

/** Nanoseconds as milliseconds, to a tenth. */
export function toMs(ns: number): number {
  return Math.round(ns / 1e5) / 10;
}

/** A time on the run's clock as a person reads it: `2.01 s`. */
export function toSeconds(ns: number): string {
  return `${(toMs(ns) / 1000).toFixed(2)} s`;
}
