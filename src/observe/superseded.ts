import { PrimaryTracker } from "../base/primary-tracker.ts";
import type { TopologyEvent } from "../model/event.ts";
import type { WriteAccount } from "../model/observed.ts";
import type { Plan } from "../model/plan.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";
import type { Look } from "./look.ts";

/** A look with the time at which it was asked for and that of its answer, ns on the run's clock. */
export interface TimedLook extends Look {
  readonly askedAt: number;
  readonly answeredAt: number;
}

/**
 * Keeps the books of primaries that were superseded: how many writes each has done, by its own counters.
 *
 *     a primary's latest look ──(another is promoted)──▶ told ──▶ each later look that differs, until it is a replica: told
 *
 * So the history holds what such a primary had written before the promotion, and all that it wrote after it: the
 * servers' side of a split brain.
 */
export class SupersededPrimaries {
  readonly #primaryTracker: PrimaryTracker;
  readonly #latest = new Map<string, WriteAccount>();
  readonly #told = new Set<string>();
  readonly #tell: (account: WriteAccount) => void;

  constructor(plan: Plan, tell: (account: WriteAccount) => void) {
    this.#primaryTracker = new PrimaryTracker(
      plan.kind,
      (name) => plan.nodes.find((node) => node.name === name)?.shard,
    );
    this.#tell = tell;
  }

  /** Takes what one look at a node showed, and which changes were recorded of it. */
  take(
    name: string,
    look: TimedLook,
    changes: readonly Pick<TopologyEvent, "event" | "subject" | "to">[],
  ): void {
    const before = this.#latest.get(name);
    const after = accountOf(name, look);
    if (before && after?.role === "replica" && this.#told.delete(name)) this.#tell(after);
    if (after?.role === "primary") {
      this.#latest.set(name, after);
      if (this.#told.has(name) && differs(before, after)) this.#tell(after);
    } else if (after) {
      this.#latest.delete(name);
    }
    for (const change of changes) {
      for (const node of this.#primaryTracker.take(change)?.replaced ?? []) {
        const account = this.#latest.get(node);
        if (account && !this.#told.has(node)) this.#tell(account);
        this.#told.add(node);
      }
    }
    for (const node of this.#told) {
      if (this.#primaryTracker.successorOf(node) === undefined) this.#told.delete(node); // its place is its own again
    }
  }
}

/** Names of all write commands of the server, in lower case; `undefined` where it does not say. */
export async function writeCommandsOf(
  plan: Plan,
  admins: AdminPool,
): Promise<ReadonlySet<string> | undefined> {
  const [node] = plan.nodes.filter(({ program }) => program === "server");
  if (!node) return undefined;
  try {
    const names = await admins.of(node.name).call(["COMMAND", "LIST", "FILTERBY", "ACLCAT", "write"]);
    return Array.isArray(names) ? new Set(names.map(String)) : undefined;
  } catch {
    return undefined; // then nobody knows what the servers counted, and the checker says so
  }
}

function accountOf(node: string, { written, node: seen, askedAt, answeredAt }: TimedLook) {
  if (!written || !seen.role) return undefined;
  const { calls, runId } = written;
  return { node, role: seen.role, askedAt, answeredAt, calls, offset: seen.offset, runId };
}

function differs(before: WriteAccount | undefined, after: WriteAccount): boolean {
  return before?.calls !== after.calls || before.offset !== after.offset || before.runId !== after.runId;
}
