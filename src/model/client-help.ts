import type { TopologyKind } from "./plan.ts";

/**
 * What holds an application's client up after a failover.
 *
 * - `frozen-primary`: it stays with the old primary, which answers nothing and whose connections are open all the same
 * - `demoted-primary`: it stays with the old primary, which answers, and refuses writes since it is a replica now
 */
export type ClientSymptom = "frozen-primary" | "demoted-primary";

/** What was measured to help a client library, or not to. Only what was measured stands here. */
export interface ClientHelp {
  /** As tables call it. */
  readonly library: string;
  /** How servers know it (`lib-name` of `CLIENT LIST`), in lower case. */
  readonly libNames: readonly string[];
  readonly symptom: ClientSymptom;
  readonly topology: TopologyKind;
  /** In the library's own words: `socketTimeout: 2000`; `null`: none was found that helps. */
  readonly option: string | null;
  /** What was measured with it and without it, and when it does not help: one sentence. */
  readonly measured: string;
  /** Page of the documentation. */
  readonly reference: string;
}
