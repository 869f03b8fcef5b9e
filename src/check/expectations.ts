import type { CheckResult } from "../model/result.ts";
import type { Checker } from "./checker.ts";
import type { Facts } from "./facts.ts";

/**
 * What the scenario's `expect` asks for, as paths: `promoted`, `outage.writeMs`. Where it says what counts without it
 * as well (`monotonicReads: false`, no write taken by a superseded primary), it asks for nothing.
 */
export function askedOf(facts: Facts): string[] {
  return Object.entries(facts.header.expect).flatMap(([name, value]) => {
    if (name === "splitBrain" && isDefault(value)) return [];
    return pathsOf(name, value);
  });
}

/** Does it ask for that, or for something below it? */
export function asks(facts: Facts, path: string): boolean {
  return askedOf(facts).some((asked) => isWithin(asked, path));
}

/**
 * What no checker judged is not met by silence. Empty: all that is asked for was judged.
 *
 * @param judging those that had a word on this run
 */
export function unjudged(
  facts: Facts,
  all: readonly Checker[],
  judging: ReadonlySet<Checker>,
): CheckResult[] {
  const couldJudge = all.flatMap((checker) => (checker.judges ?? []).map((part) => ({ ...part, checker })));
  const judged = couldJudge.filter(({ checker, when }) => judging.has(checker) && (when?.(facts) ?? true));
  const left = askedOf(facts).filter((path) => !judged.some((one) => isWithin(path, one.path)));
  if (left.length === 0) return [];
  const named = left.map(toldAs).join(", ");
  const summary = `nothing in this run shows whether ${named} ${left.length === 1 ? "is" : "are"} met`;
  const notes = left.map(
    (path) => couldJudge.find((one) => isWithin(path, one.path))?.add ?? `Take ${toldAs(path)} out`,
  );
  const coverage = left.map((path, n) => ({
    needs: `something that ${toldAs(path)} can be held against`,
    met: false,
    seen: "nothing of the kind was done in this run",
    add: notes[n],
  }));
  const evidence = { reason: "expectation-not-judged", expectations: left, notes: [...new Set(notes)] };
  return [{ name: "expectations", verdict: "unknown", summary, evidence, coverage }];
}

function pathsOf(path: string, value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== "object") return value === false && path.includes(".") ? [] : [path];
  return Object.entries(value).flatMap(([name, inner]) => pathsOf(`${path}.${name}`, inner));
}

/** @param whole a path, in which `*` stands for any name */
function isWithin(path: string, whole: string): boolean {
  if (!whole.includes("*")) return path === whole || path.startsWith(`${whole}.`);
  const [start = "", end = ""] = whole.split("*");
  return path.length > start.length + end.length && path.startsWith(start) && path.endsWith(end);
}

/** As the scenario writes it, where that differs: `expect.order.lost`, `expect.app.log.never`. */
function toldAs(path: string): string {
  const own = path.startsWith("probes.") || path.startsWith("app.");
  if (!own) return `expect.${path}`;
  const plain = path.replace(/^probes\./, "").replace(/Ms$/, "");
  return `expect.${plain === "app.logNever" ? "app.log.never" : plain}`;
}

/** `splitBrain: {}` is filled in when a scenario is read. */
function isDefault(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).every(([name, limit]) => name === "writes" && limit === 0);
}

/** The line of `expect`, and whether it is the default that allows it. */
export function expectation(facts: Facts, name: keyof Facts["header"]["expect"], more = ""): string {
  return facts.header.expect[name] === undefined
    ? `expect.${name}, which is not set`
    : `expect.${name}${more}`;
}
