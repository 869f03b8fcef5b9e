import type { AppDrill, PlannedApp } from "../app/app-drill.ts";
import { didYouMean } from "../base/nearest.ts";
import type { AppHeader } from "../model/app.ts";
import { DrillError } from "../model/errors.ts";

/** What may be ordered of the application of a drill by one who follows it. */
export interface FollowedApp {
  readonly header: AppHeader;
  /** It was started by the drill, which can start its instances anew. */
  readonly canRestart: boolean;
  /**
   * Ends an instance, and starts it anew. The history tells it, as it tells every restart.
   *
   * @throws DrillError `BAD_USAGE` if there is none of that name, or the steps of the drill are not running;
   *   `START_FAILED`, `NOT_READY` as at its first start
   */
  restart(instance: string): Promise<void>;
}

/** Takes orders for an application while it runs. */
export class AppOrders implements FollowedApp {
  readonly header: AppHeader;
  readonly canRestart: boolean;
  #running: AppDrill | undefined;

  constructor({ header, use }: PlannedApp) {
    this.header = header;
    this.canRestart = use.app.command !== undefined;
  }

  /** Orders are taken until the work is done. */
  async during(running: AppDrill, work: () => Promise<void>): Promise<void> {
    this.#running = running;
    try {
      await work();
    } finally {
      this.#running = undefined;
    }
  }

  async restart(instance: string): Promise<void> {
    const { application } = this.#running ?? {};
    if (application === undefined)
      throw new DrillError("BAD_USAGE", "the application is restarted only while the steps of the drill run");
    const names = application.instances.map(({ name }) => name);
    if (!names.includes(instance)) {
      const meant = didYouMean(instance, names);
      throw new DrillError("BAD_USAGE", `the application has no instance "${instance}".${meant}`, {
        hint: names.length > 0 ? `Instances: ${names.join(", ")}.` : "The drill did not start it.",
      });
    }
    await application.restart(instance);
  }
}
