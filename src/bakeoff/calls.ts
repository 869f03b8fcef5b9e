import { isCompletion } from "../history/operations.ts";
import type { HistoryEvent } from "../model/event.ts";
import type { Plan } from "../model/plan.ts";
import { STABLE_NS, STALL_NS } from "../service/limits.ts";
import { Service } from "../service/service.ts";

/** The calls while they are made: by those of the probe it is known when the app client is well. */
export class LiveCalls {
  readonly #open = new Set<number>();
  readonly #service: Service;

  constructor(plan: Plan) {
    this.#service = new Service(plan.shards);
  }

  /** Takes the next event of the app client's process. */
  take(event: HistoryEvent): void {
    if (event.type === "invoke") this.#open.add(event.op);
    if (isCompletion(event)) this.#open.delete(event.op);
    this.#service.take(event);
  }

  /** How many have not ended, those of features as well. */
  get open(): number {
    return this.#open.size;
  }

  /**
   * Is it well, by the calls that it makes now? What was made before may still hang: a library may never end it, and
   * that is told of it elsewhere. Time is what the process has told of: its lines may come late, and then no call has
   * waited.
   */
  isWell(now: number): boolean {
    return this.#service.unwell(now - STABLE_NS - STALL_NS, now) === undefined;
  }
}
