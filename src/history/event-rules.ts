import type {
  FaultEvent,
  HeaderEvent,
  HistoryEvent,
  ReplicatedEvent,
  StepEvent,
  TopologyEvent,
} from "../model/event.ts";
import { MOST_BACK_NS } from "./limits.ts";

/** What of a fault, or of a step, was seen. */
type Seen = Set<FaultEvent["phase"]>;

/** What no history can hold, however it went: each event is looked at in the light of those before it. */
export class EventRules {
  readonly #nodes: ReadonlySet<string>;
  readonly #faults = new Map<number, { readonly fault: string; readonly seen: Seen }>();
  readonly #steps = new Map<number, number>();
  #latest = 0;
  #ended = false;

  constructor({ topology }: HeaderEvent) {
    this.#nodes = new Set(topology.nodes.map(({ name }) => name));
  }

  /** What is wrong with the next event; `undefined`: nothing. */
  broken(event: HistoryEvent): string | undefined {
    const { at, type } = event;
    if (at < this.#latest - MOST_BACK_NS)
      return `its time is ${Math.round((this.#latest - at) / 1e6)} ms before that of a line above it`;
    if (at > this.#latest) this.#latest = at;
    if (type === "invoke") return undefined;
    if (type === "ok" || type === "fail" || type === "info")
      return event.node === undefined ? undefined : this.#unknown([event.node]);
    if (type === "fault") return this.#unknown(event.targets.filter(isNode)) ?? this.#fault(event);
    if (type === "topology") return this.#topology(event);
    if (type === "replicated") return this.#replicated(event);
    if (type === "step") return this.#step(event);
    if (type === "end") {
      if (this.#ended) return "a second last line";
      this.#ended = true;
    }
    return undefined;
  }

  #unknown(names: readonly string[]): string | undefined {
    const name = names.find((one) => !this.#nodes.has(one));
    return name === undefined ? undefined : `the header has no node ${name}`;
  }

  #fault({ id, fault, phase, primaries = [] }: FaultEvent): string | undefined {
    const known = this.#faults.get(id) ?? { fault, seen: new Set() };
    const { seen } = known;
    this.#faults.set(id, known);
    if (known.fault !== fault) return `fault ${id} was ${known.fault}, and is ${fault} now`;
    if (phase !== "inject" && !seen.has("inject")) return `fault ${id} is ${phase}, and was never begun`;
    // It may be tried to heal one again and again; all else happens once.
    if (phase !== "heal" && seen.has(phase)) return `fault ${id} is ${phase} a second time`;
    if (seen.has("healed")) return `fault ${id} is ${phase} after it was healed`;
    seen.add(phase);
    return this.#unknown(primaries);
  }

  #topology({ source, subject, event, to }: TopologyEvent): string | undefined {
    if (event === "role" && to !== "primary" && to !== "replica") return `nobody became ${to}`;
    return this.#unknown(subject === undefined ? [source] : [source, subject]);
  }

  #replicated({ primary, replicas, ackedBy, at }: ReplicatedEvent): string | undefined {
    if (ackedBy > at) return "it was seen before it was acknowledged";
    return this.#unknown([primary, ...replicas]);
  }

  /** A step of a session by hand may be begun again: what matters is that none ends that was not begun. */
  #step({ index, status }: StepEvent): string | undefined {
    const open = (this.#steps.get(index) ?? 0) + (status === "begin" ? 1 : -1);
    this.#steps.set(index, open);
    return open < 0 ? `step ${index} is ${status}, and was never begun` : undefined;
  }
}

/** Of links the ends need not be nodes. */
function isNode(target: string): boolean {
  return !target.includes(">");
}
