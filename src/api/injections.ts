import { pause } from "../base/wait.ts";
import { FAULTS, faultNamed } from "../fault/registry.ts";
import { requireAvailable } from "../model/availability.ts";
import { DrillError } from "../model/errors.ts";
import { checkCapabilities } from "../scenario/injectable.ts";
import type { Injection } from "../scenario/input.ts";
import { injectStep } from "../scenario/steps/inject.ts";
import { checkSelectors } from "../scenario/targets.ts";
import { described } from "../scenario/yaml-file.ts";
import type { ActiveFault } from "../session/active-faults.ts";
import type { Session } from "../session/session.ts";

/** A fault that a program has injected. */
export interface InjectedFault {
  readonly fault: string;
  /** Names of the nodes, or links, that it hit. */
  readonly targets: readonly string[];
  /** Undoes it; does nothing if it is undone already. */
  heal(): Promise<void>;
}

/** What a program injects into its topology, read and checked as the step `inject` is. */
export class Injections {
  readonly #session: Session;
  #lastAt = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  /** When the last fault was injected, ns. */
  get lastAt(): number {
    return this.#lastAt;
  }

  async inject(injection: Injection): Promise<InjectedFault> {
    const { entry, forMs } = await this.begin(injection);
    const { faults, signal } = this.#session;
    const heal = () => faults.heal(entry);
    if (forMs !== undefined) {
      try {
        await pause(forMs, signal);
      } finally {
        if (!signal.aborted) await heal();
      }
    }
    return { fault: entry.fault.kind, targets: entry.targets, heal };
  }

  /**
   * Puts a fault in force, and leaves it so.
   *
   * @param onBegin is given the fault once all is checked, before anything is changed
   * @returns the fault, and how long it is meant to last
   * @throws DrillError as `inject`; what was begun has been healed
   */
  async begin(
    injection: Injection,
    onBegin: (entry: ActiveFault) => void = () => {},
  ): Promise<{ readonly entry: ActiveFault; readonly forMs: number | undefined }> {
    const { signal, faults } = this.#session;
    const { fault, selectors, options, forMs } = this.check(injection);
    let begun: ActiveFault | undefined;
    try {
      const entry = await faults.injectAt(fault, selectors, options, (one) => {
        begun = one;
        this.#lastAt = this.#session.now();
        onBegin(one);
      });
      return { entry, forMs };
    } catch (error) {
      if (begun && !signal.aborted) await faults.heal(begun); // half of it must not stay
      throw error;
    }
  }

  /** Could it be injected here, whatever roles the nodes have? @throws DrillError `BAD_USAGE`, `LACKS_CAPABILITY` */
  check(injection: Injection) {
    const { topology, plan } = this.#session;
    const kind = FAULTS.get(injection.fault);
    // Where it is for another kind of topology, what is wrong with its options does not matter.
    if (kind) requireAvailable(kind.kind, kind, { topology: plan.kind });
    const injected = read(injection);
    const { fault, selectors, options, optional } = injected;
    requireAvailable(fault.kind, fault, { topology: plan.kind, options });
    if (optional) throw new DrillError("BAD_USAGE", "optional: only a drill can count without a fault");
    checkCapabilities(fault, topology, "topology");
    checkSelectors(fault, selectors, plan);
    return injected;
  }

  /** @returns what was healed: the kind of each fault, the last first */
  async heal(kind?: string): Promise<string[]> {
    const meant = kind === undefined ? undefined : faultNamed(kind);
    const entries = await this.#session.faults.healAll(meant);
    return entries.filter(({ selfHealed }) => !selfHealed).map(({ fault }) => fault.kind);
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
