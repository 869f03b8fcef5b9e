import type { Random } from "../base/random.ts";
import { pause } from "../base/wait.ts";
import type { RunningTopology } from "../driver/driver.ts";
import { faultNamed } from "../fault/registry.ts";
import { DrillError } from "../model/errors.ts";
import type { Observer } from "../observe/observer.ts";
import type { FaultInForce, FaultsInForce } from "../scenario/faults-in-force.ts";
import { checkCapabilities, checkTargets, misfit } from "../scenario/injectable.ts";
import type { Injection } from "../scenario/input.ts";
import { injectStep } from "../scenario/steps/inject.ts";
import { checkSelectors, targetsOf } from "../scenario/targets.ts";
import { described } from "../scenario/yaml-file.ts";

/** A fault that a program has injected. */
export interface InjectedFault {
  readonly fault: string;
  /** Names of the nodes, or links, that it hit. */
  readonly targets: readonly string[];
  /** Undoes it; does nothing if it is undone already. */
  heal(): Promise<void>;
}

interface Parts {
  readonly topology: RunningTopology;
  readonly observer: Observer;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly faults: FaultsInForce;
  readonly now: () => number;
}

/** What a program injects into its topology, read and checked as the step `inject` is. */
export class Injections {
  readonly #parts: Parts;
  #lastAt = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** When the last fault was injected, ns. */
  get lastAt(): number {
    return this.#lastAt;
  }
  get inForce(): readonly FaultInForce[] {
    return this.#parts.faults.all;
  }

  async inject(injection: Injection): Promise<InjectedFault> {
    const { topology, observer, random, signal, faults, now } = this.#parts;
    const { plan } = topology;
    const { fault, selectors, options, forMs, optional } = read(injection);
    const unsupported = misfit(fault, plan.kind, options);
    if (unsupported !== undefined) throw new DrillError("BAD_USAGE", unsupported);
    if (optional) throw new DrillError("BAD_USAGE", "optional: only a drill can count without a fault");
    checkCapabilities(fault, topology, "topology");
    checkSelectors(fault, selectors, plan);
    await observer.refresh();
    const targets = targetsOf(fault, selectors, { plan, view: observer.view, random });
    checkTargets(fault, targets, plan);
    let begun: FaultInForce | undefined;
    try {
      this.#lastAt = now();
      const entry = await faults.inject(fault, targets, options, (one) => {
        begun = one;
      });
      const heal = () => faults.heal(entry);
      if (forMs !== undefined) {
        await pause(forMs, signal);
        await heal();
      }
      return { fault: fault.kind, targets, heal };
    } catch (error) {
      if (begun && !signal.aborted) await faults.heal(begun); // half of it must not stay
      throw error;
    }
  }

  /** @returns what was healed: the kind of each fault, the last first */
  async heal(kind?: string): Promise<string[]> {
    const meant = kind === undefined ? undefined : faultNamed(kind);
    const { faults } = this.#parts;
    const entries = faults.all.filter(({ fault }) => meant === undefined || fault === meant).toReversed();
    for (const entry of entries) await faults.heal(entry);
    return entries.filter(({ selfHealed }) => !selfHealed).map(({ fault }) => fault.kind);
  }

  /** What would stay when the nodes are gone is undone. */
  end(): Promise<void> {
    return this.#parts.faults.healWhatOutlives();
  }
}

function read(injection: Injection) {
  const parsed = injectStep.schema.safeParse(injection);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => described(path, message));
    throw new DrillError("BAD_USAGE", `it cannot be injected: ${problems.join("; ")}`);
  }
  const { fault, targets, ...rest } = parsed.data;
  return { fault: faultNamed(fault), selectors: targets, ...rest };
}
