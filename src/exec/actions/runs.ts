import { randomUUID } from "node:crypto";
import { pause } from "../../base/wait.ts";
import { messageOf } from "../../model/errors.ts";
import type { ExecSession } from "../exec-session.ts";
import type { InjectedFaults } from "../injected-faults.ts";
import { NotFound } from "../refusal.ts";
import type { ActionStatus } from "../wire.ts";
import type { Deed } from "./action.ts";
import { REFUSED } from "./refused.ts";
import { ACTIONS, deedsOf } from "./registry.ts";

/** Actions in the shape of Redis' fault injector: begun, and asked for until they have ended. */
export class ActionRuns {
  readonly #session: ExecSession;
  readonly #all = new Map<string, ActionStatus>();

  constructor(session: ExecSession) {
    this.#session = session;
  }

  list() {
    return {
      actions: [...ACTIONS.values()].map(({ type, does }) => ({ type, does })),
      refused: [...REFUSED].map(([type, reason]) => ({ type, reason })),
    };
  }

  /** @throws DrillError for what is not done here, and for a fault that cannot be injected here */
  start({ type, parameters }: { readonly type: string; readonly parameters: unknown }) {
    const deeds = deedsOf(type, parameters, this.#session.plan);
    const { faults } = this.#session; // those of now: a reset ends what is under way
    for (const deed of deeds) if ("inject" in deed) faults.check(deed.inject);
    const id = randomUUID();
    const done: string[] = [];
    this.#all.set(id, { action_id: id, status: "pending", error: null, output: { did: done } });
    void run(faults, deeds, done).then(
      () => this.#end(id, "success", null),
      (error: unknown) => this.#end(id, "failed", messageOf(error)),
    );
    return { action_id: id, status: "pending" as const };
  }

  get(id: string): ActionStatus {
    const run = this.#all.get(id);
    if (run === undefined) throw new NotFound(`there is no action ${id}`);
    return run;
  }

  #end(id: string, status: "success" | "failed", error: string | null): void {
    const run = this.#all.get(id);
    if (run) this.#all.set(id, { ...run, status, error });
  }
}

async function run(faults: InjectedFaults, deeds: readonly Deed[], done: string[]): Promise<void> {
  for (const deed of deeds) {
    if ("waitMs" in deed) {
      await pause(deed.waitMs, faults.signal);
      done.push(`waited ${deed.waitMs} ms`);
    } else if ("heal" in deed) {
      const healed = await faults.healWhere(deed.heal);
      done.push(`healed ${healed.join(", ") || "nothing"} (${deed.what})`);
    } else {
      const { id, label } = await faults.run(deed.inject);
      done.push(`fault ${id}: ${label}`);
    }
  }
}
