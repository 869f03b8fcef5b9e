import type { TopologyEvent } from "../../model/event.ts";
import type { LiveSample, LiveSlots } from "../../model/live.ts";
import type { ReportChange } from "../../model/report-model.ts";
import { changeOf } from "../../report-model/topology.ts";
import type { NodeNow } from "../source.ts";

const CHANGES = 20_000;
/** Past it every other one is dropped. */
const SAMPLES = 2400;
const SAMPLE_MS = 500;

/** What the nodes are and were: every change of their roles and links, and their offsets from time to time. */
export class LiveTopology {
  readonly #dataNodes: readonly string[];
  #changes: ReportChange[] = [];
  #freshChanges: ReportChange[] = [];
  #samples: LiveSample[] = [];
  #freshSamples: LiveSample[] = [];
  #sampleMs = SAMPLE_MS;
  readonly #slots: LiveSlots[] = [];
  #freshSlots: LiveSlots[] = [];
  readonly #slotsNow = new Map<string, string>();

  constructor(dataNodes: readonly string[]) {
    this.#dataNodes = dataNodes;
  }

  take(event: TopologyEvent): void {
    for (const change of changeOf(event)) {
      this.#changes.push(change);
      this.#freshChanges.push(change);
    }
    // Of many changes those of what nodes think of each other tell the least.
    if (this.#changes.length > CHANGES) this.#changes = this.#changes.filter(({ what }) => what !== "flag");
    if (this.#changes.length > CHANGES) this.#changes.splice(0, CHANGES / 10);
  }

  sample(atMs: number, nodes: readonly NodeNow[]): void {
    for (const { name, slots } of nodes) {
      if ((this.#slotsNow.get(name) ?? "") === slots) continue;
      this.#slotsNow.set(name, slots);
      const change = { atMs, node: name, slots };
      this.#slots.push(change);
      this.#freshSlots.push(change);
      if (this.#slots.length > CHANGES) this.#slots.splice(0, CHANGES / 10);
    }
    if (atMs - (this.#samples.at(-1)?.[0] ?? -Infinity) < this.#sampleMs) return;
    const offsets = this.#dataNodes.map((name) => nodes.find((node) => node.name === name)?.offset ?? -1);
    const sample: LiveSample = [Math.round(atMs), offsets];
    this.#samples.push(sample);
    this.#freshSamples.push(sample);
    if (this.#samples.length <= SAMPLES) return;
    this.#samples = this.#samples.filter((_, index) => index % 2 === 0);
    this.#sampleMs *= 2;
  }

  fresh() {
    return {
      changes: this.#freshChanges.splice(0),
      samples: this.#freshSamples.splice(0),
      slots: this.#freshSlots.splice(0),
    };
  }

  all() {
    return { changes: this.#changes, samples: this.#samples, slots: this.#slots };
  }
}
