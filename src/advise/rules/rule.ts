import type { Risk } from "../../model/advise.ts";
import type { TopologyKind } from "../../model/plan.ts";
import type { Advised } from "../advised.ts";

/** What is risky: the setting by the server's name, its value, why, and what to do. */
export type Found = Pick<Risk, "setting" | "value" | "why" | "fix">;

/** One thing that is risky. A new one is an entry in the registry, and a test where it fires and one where it does not. */
export interface Rule {
  /** Stable name. */
  readonly name: string;
  /** Absent: on both. */
  readonly on?: TopologyKind;
  /** danger: data or the service may be lost for good; warning: an outage is longer or more often than it need be. */
  readonly level: Risk["level"];
  /** The built-in scenario that shows it. */
  readonly scenario: string | Readonly<Record<TopologyKind, string>>;
  /** What is risky of that topology; `undefined`: nothing. */
  find(advised: Advised): Found | undefined;
}

/** A number among the settings. */
export function numberOf({ settings }: Advised, name: string): number {
  return Number(settings[name]);
}
