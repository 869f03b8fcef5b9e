import { isCompletion } from "../history/operations.ts";
import type { HistoryEvent } from "../model/event.ts";
import type { Plan } from "../model/plan.ts";
import { AppService } from "../service/app-service.ts";
import { Service } from "../service/service.ts";

/** What the operations do while the drill runs: for progress, and to know when the service is well again. */
export interface LiveOperations {
  readonly total: number;
  /** Takes every event of the history. */
  take(event: HistoryEvent): void;
  /** Begins a stretch of time; what is returned tells its rate and errors so far in one line. */
  measure(): () => string;
  /**
   * Why the service does not count as well, or `undefined` if it does (`src/service/`): every stream of the probe must
   * have had a success that was sent after `since`, and nothing that was sent may still wait, however long ago: it
   * would be the next fault's outage.
   */
  unwell(since: number, now: number): string | undefined;
  /** The same of the application under the drill, by its probes. */
  appUnwell(since: number, now: number): string | undefined;
}

export function liveOperations(plan: Plan): LiveOperations {
  const service = new Service(plan.shards);
  const app = new AppService();
  let total = 0;
  let bad = 0;
  let lastError = "";

  return {
    get total() {
      return total;
    },
    take(event) {
      service.take(event);
      if (event.type === "header") app.header(event);
      else if (event.type === "invoke") app.invoked(event);
      else if (event.type === "fault") app.faulted();
      if (!isCompletion(event)) return;
      app.completed(event);
      total += 1;
      if (event.type === "ok") return;
      bad += 1;
      lastError = event.error?.class ?? "UNKNOWN";
    },
    measure() {
      const began = { total, bad, atMs: performance.now() };
      return () => {
        const perSecond = Math.round(
          ((total - began.total) * 1000) / Math.max(1, performance.now() - began.atMs),
        );
        const errors = bad - began.bad;
        return `${perSecond} ops/s, ${errors} errors${errors > 0 ? ` (last: ${lastError})` : ""}`;
      };
    },
    unwell(since, now) {
      service.look(now);
      return service.unwell(since, now) ?? service.waiting(now);
    },
    appUnwell: (since, now) => app.unwell(since, now),
  };
}
