import { FactsFold } from "../check/facts.ts";
import { type Promotion, promotionsSeen } from "../check/promotions-seen.ts";
import type { Integrity } from "../history/integrity.ts";
import type { HistoryEvent } from "../model/event.ts";

/** A history that is still being written. */
const WRITTEN: Integrity = { state: "unfinished", schemaVersion: 0, events: 0, digest: "", differs: [] };

/**
 * The promotions of a recording that goes on, as the checkers see them: a node that calls itself primary was promoted only if it took
 * somebody's place (`check/role-story.ts`). It may be known for one only later than it calls itself so.
 */
export class PromotionsSoFar {
  readonly #fold = new FactsFold();
  readonly #told = new Set<string>();
  #hasHeader = false;
  #mayHaveChanged = false;

  take(event: HistoryEvent): void {
    const { type } = event;
    if (type === "header") this.#hasHeader = true;
    else if (type === "topology") this.#mayHaveChanged ||= ABOUT_ROLES.has(event.event);
    else if (type !== "fault") return;
    if (type !== "topology" || ABOUT_ROLES.has(event.event)) this.#fold.take(event);
  }

  /** Those that are known since this was asked last. */
  fresh(): Promotion[] {
    if (!this.#hasHeader || !this.#mayHaveChanged) return [];
    this.#mayHaveChanged = false;
    return promotionsSeen(this.#fold.facts(WRITTEN, false)).filter(({ to, at }) => {
      const name = `${to} ${at}`;
      const isNew = !this.#told.has(name);
      this.#told.add(name);
      return isNew;
    });
  }
}

/** What tells of roles. What nodes think of each other does not, and there is no end of it. */
const ABOUT_ROLES: ReadonlySet<string> = new Set(["role", "follows", "sentinel"]);
