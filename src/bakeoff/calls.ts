import { shardOfKey } from "../base/slots.ts";
import type { Plan } from "../model/plan.ts";
import type { Said } from "./child/messages.ts";

/** A call that has not ended for this long, or took this long, does not count as well. As the checker of outages has it. */
const STALL_MS = 250;
/** All calls must go well for this long. */
const STABLE_MS = 1000;

interface Call {
  readonly at: number;
  readonly stream: string;
  readonly dueAt: number;
  endedAt?: number;
  ok?: boolean;
}

/** The calls while they are made: by those of the probe it is known when the app client is well. */
export class LiveCalls {
  readonly #calls = new Map<number, Call>();
  readonly #open = new Set<number>();
  readonly #streams = new Set<string>();
  readonly #plan: Plan;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  take(said: Said): void {
    if (said.say === "invoke") {
      const { at, op, f, key, lateMs } = said;
      this.#open.add(op);
      if (f !== "write" && f !== "read") return;
      const stream = `${f} ${shardOfKey(key, this.#plan.shards) ?? ""}`;
      this.#streams.add(stream);
      this.#calls.set(op, { at, stream, dueAt: at - lateMs * 1e6 });
    }
    if (said.say !== "ok" && said.say !== "error") return;
    this.#open.delete(said.op);
    const call = this.#calls.get(said.op);
    if (call) Object.assign(call, { endedAt: said.at, ok: said.say === "ok" });
  }

  /** How many have not ended, those of features as well. */
  get open(): number {
    return this.#open.size;
  }

  /** Did every call of the last second go well, of every kind and to every shard? What was made before may still hang. */
  isWell(now: number): boolean {
    const [from, to] = [now - (STABLE_MS + STALL_MS) * 1e6, now - STALL_MS * 1e6];
    const recent = [...this.#calls.values()].filter(({ at }) => at >= from && at <= to);
    if (recent.some((call) => !isGood(call))) return false;
    const seen = new Set(recent.map(({ stream }) => stream));
    return this.#streams.size > 0 && [...this.#streams].every((stream) => seen.has(stream));
  }
}

function isGood({ ok, endedAt = Infinity, dueAt }: Call): boolean {
  return ok === true && endedAt - dueAt <= STALL_MS * 1e6;
}
