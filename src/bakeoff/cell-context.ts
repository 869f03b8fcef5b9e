import { inRanges } from "../base/slots.ts";
import { type Look, pause, waitFor } from "../base/wait.ts";
import { nodeOf } from "../driver/driver.ts";
import { faultNamed } from "../fault/registry.ts";
import { clientAddressOf } from "../model/addresses.ts";
import { DrillError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import { nodesWithRole } from "../observe/view.ts";
import { unreplaced, unsound } from "../scenario/conditions.ts";
import type { ActiveFault } from "../session/active-faults.ts";
import type { Session } from "../session/session.ts";

/** What a scenario can do with the process of the app client. */
interface CellClient {
  /** Do its calls go well just now? */
  isWell(): boolean;
  /** A name under `.drill.test` means that address from now on. */
  point(name: string, address: string): void;
}

/** Longest that a failover may take; on two busy cores one took 12 s. */
const PROMOTION_MS = 25_000;
/** Longest that a primary which came back may go on; a Sentinel waits 8 s before it demotes it. */
const WHOLE_MS = 30_000;
/** Longest that a client is waited for between two faults; one that is not well then is judged after the second. */
const CLIENT_MS = 10_000;

/** What a scenario of the bake-off can do: faults, and waiting for what the topology makes of them. */
export class CellContext {
  readonly session: Session;
  readonly #client: CellClient;

  constructor(session: Session, client: CellClient) {
    this.session = session;
    this.#client = client;
  }

  get plan(): Plan {
    return this.session.plan;
  }

  /** Puts a fault of the registry in force where the selectors mean now. */
  inject(kind: string, selectors: readonly string[], given: object = {}): Promise<ActiveFault> {
    const fault = faultNamed(kind);
    return this.session.faults.injectAt(fault, selectors, fault.options.parse(given));
  }

  /** Undoes it. Healed twice is healed once. */
  heal(fault: ActiveFault): Promise<void> {
    return this.session.faults.heal(fault);
  }

  /** Waits until other nodes are primaries in place of those that the fault took. False: none was in time. */
  untilReplaced({ primaries }: ActiveFault): Promise<boolean> {
    return this.#holds(() => unreplaced(primaries, this.session), "another primary", PROMOTION_MS);
  }

  /**
   * Waits until the nodes that answer are one sound topology: one primary for everything, and all others follow one.
   *
   * @param back nodes that must answer
   */
  untilWhole(back: readonly string[] = [], timeoutMs = WHOLE_MS): Promise<boolean> {
    return this.#holds(() => unsound(this.session, back), "one sound topology", timeoutMs);
  }

  /** Cluster: waits until no node that answers says CLUSTERDOWN any more. */
  untilClusterIsUp(): Promise<boolean> {
    const down = () => {
      const one = [...this.session.view].find(([, { reachable, state }]) => reachable && state !== "ok");
      return one && `${one[0]} says ${one[1].state}`;
    };
    return this.#holds(down, "the cluster to be up", WHOLE_MS);
  }

  /** Waits until all calls go well again; false: they did not in time. */
  untilClientIsWell(): Promise<boolean> {
    const unwell = () => (this.#client.isWell() ? undefined : "its calls do not go well");
    return this.#holds(unwell, "the client to be well", CLIENT_MS);
  }

  /** The name means that node from now on. Gives the time, in ns on the run's clock. */
  point(name: string, node: string): number {
    const { host: address } = clientAddressOf(nodeOf(this.plan, node).endpoint);
    this.#client.point(name, address);
    const at = this.session.now();
    this.session.log.observe("bakeoff-name", { name, node, address });
    return at;
  }

  /** The node that serves that slot (in HA: everything) now. */
  ownerOf(slot: number): string | undefined {
    const { plan, view } = this.session;
    return nodesWithRole(view, "primary", plan).find(
      (name) => plan.kind === "ha" || inRanges(slot, view.get(name)?.slots ?? []),
    );
  }

  /** Lets time pass: how long a fault lasts is part of a scenario. */
  hold(ms: number): Promise<void> {
    return pause(ms, this.session.signal);
  }

  /** @param lacking what is not yet as awaited; false: that went on for too long */
  async #holds(lacking: () => string | undefined, what: string, timeoutMs: number): Promise<boolean> {
    await this.session.look(); // what held before the fault holds no longer
    return comesTrue(lacking, what, timeoutMs, this.session.signal);
  }
}

/** Waits until nothing is lacking; false: something still was after that time. */
export async function comesTrue(
  lacking: () => string | undefined,
  what: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const look = (): Look<true> => {
    const seen = lacking();
    return seen === undefined ? { done: true, value: true } : { done: false, seen };
  };
  try {
    return await waitFor(look, { what, timeoutMs, signal });
  } catch (error) {
    if (error instanceof DrillError && error.code === "DEADLINE") return false;
    throw error;
  }
}
