import type { Plan } from "../model/plan.ts";
import { STABLE_NS, STALL_NS } from "../service/limits.ts";
import { Service } from "../service/service.ts";
import type { Said } from "./child/messages.ts";

/** The calls while they are made: by those of the probe it is known when the app client is well. */
export class LiveCalls {
  readonly #open = new Set<number>();
  readonly #service: Service;

  constructor(plan: Plan) {
    this.#service = new Service(plan.shards);
  }

  take(said: Said): void {
    const { at } = said;
    if (said.say === "invoke") {
      const { op, f, key, lateMs } = said;
      this.#open.add(op);
      const due = at - lateMs * 1e6;
      this.#service.take({ type: "invoke", at, op, client: "probe", workload: "bakeoff", f, key, due });
    }
    if (said.say !== "ok" && said.say !== "error") return;
    const { op } = said;
    this.#open.delete(op);
    this.#service.take({ type: said.say === "ok" ? "ok" : "info", at, op });
  }

  /** How many have not ended, those of features as well. */
  get open(): number {
    return this.#open.size;
  }

  /**
   * Is it well, by the calls that it makes now? What was made before may still hang: a library may never end it, and that is told of
   * it elsewhere. Time is what the process has told of: its lines may come late, and then no call has waited.
   */
  isWell(now: number): boolean {
    return this.#service.unwell(now - STABLE_NS - STALL_NS, now) === undefined;
  }
}
