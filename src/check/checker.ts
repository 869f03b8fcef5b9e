import type { PlainHistory } from "../history/plain/history.ts";
import type { AppWord } from "../model/app-result.ts";
import { messageOf } from "../model/errors.ts";
import type { CheckResult, Result } from "../model/result.ts";
import type { Facts } from "./facts.ts";

/**
 * One question about a run. Pure: the same history gives the same answer, here and years later. A new one is
 * a file of its own and a line in the registry.
 *
 * Evidence: `reason` is a stable code wherever the verdict is not `pass`; `tables` and `notes` are shown to people.
 */
export interface Checker {
  readonly name: string;
  /** One line for `valkey-drill list`. */
  readonly summary: string;
  /** What of the scenario's `expect` it judges where it applies. */
  readonly judges?: readonly Judged[];
  /** Whether the run did what this checker judges, or the scenario asks for it. */
  applies(facts: Facts): boolean;
  /**
   * What must have been observed before it may say pass, the most important first. The judge holds its verdict against
   * that.
   */
  requires(facts: Facts): readonly Requirement[];
  /** What was found in what was observed. Whether that was enough is no concern of its own. */
  check(facts: Facts): Found;
  /**
   * What is left of a finding, given that the tool itself stood still at times (`facts.stalls`). A checker without it
   * rests on what was written and read, not on when: a stall changes nothing.
   */
  stalled?(facts: Facts, found: Found): StalledFound;
  /**
   * What a drill that passes let go, which this checker found, and a stricter drill would not have: `accepted` in the
   * result.
   *
   * @param evidence that of its own word, as it stands in the result
   */
  accepted?(facts: Facts, evidence: Found["evidence"]): readonly Accepted[];
  /** What it adds to the figures of the result, which tell how the run was beside any verdict. */
  figures?(facts: Facts): Figures;
  /**
   * What became of the application under the drill, as far as this checker can tell.
   *
   * @param check its own word, as it stands in the result
   */
  appWords?(facts: Facts, check: CheckResult): readonly AppWord[];
  /** It can judge a history of registers, too, that this tool did not record (`valkey-drill check FILE`). */
  checkPlain?(history: PlainHistory): Found;
}

/** One thing that was let go, without its full text. */
export interface Accepted {
  /** Stable code. */
  readonly what: string;
  /** 0: nothing was let go. */
  readonly count: number;
  /** What there are `count` of, as a reader is told: `3 stale reads`. */
  readonly told: string;
  /** The line of the scenario that allows it; absent: none does. */
  readonly allowedBy?: string;
}

/** Figures of the result that a checker may add to. */
export interface Figures {
  /** How often a client of its workload was sent elsewhere; `null`: the library does not tell. */
  readonly redirects?: Result["redirects"];
  /** As many writes as went through; the first checker that tells is taken. */
  readonly throughput?: Result["beforeFault"]["throughput"];
}

/** A checker's word before it is held against what was observed. */
export type Found = Omit<CheckResult, "name" | "coverage">;

/** A part of a scenario's `expect`. */
export interface Judged {
  /** `outage.writeMs`; `outage` stands for all below it, and `*` for any name: `probes.*.lost`. */
  readonly path: string;
  /** What to add to a scenario so that it can be judged. */
  readonly add: string;
  /** Where it is judged only with some values; absent: always. */
  when?(facts: Facts): boolean;
}

/** Something that must have been observed, and whether it was. */
export interface Requirement {
  /** Stable code: the reason of the verdict `unknown` where it was not. */
  readonly reason: string;
  /** What must have been observed, in words: `writes, from before the fault until they went well again`. */
  readonly needs: string;
  readonly met: boolean;
  /** Where it was not met, what was observed instead and what is not known for that: one sentence. */
  readonly seen: string;
  /** What to change in the scenario: a line of YAML, or where one goes. */
  readonly add?: string;
  /**
   * The failures that need it as well, since they rest on something that was **not** seen: their reasons, or a
   * predicate. A failure that rests on what was seen stands, whatever else was not observed.
   */
  readonly before?: readonly string[] | ((found: Found) => boolean);
}

/** The word of one that crashed: it has decided nothing. */
export function crashed(name: string, error: unknown): CheckResult {
  const summary = `the checker crashed: ${messageOf(error)}`;
  return { name, verdict: "unknown", summary, evidence: { reason: "checker-crashed" } };
}

/** What is left of a finding. `holds`: a failure that stays one on a machine that is too busy to measure, too. */
export type StalledFound = Found & { readonly holds?: boolean };

/** A table in a checker's evidence. */
export interface EvidenceTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** `1 key`, `2 keys`, `10,000 keys`. */
export function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}

/** Milliseconds as a person reads them: `850 ms`, `2.31 s`. */
export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
