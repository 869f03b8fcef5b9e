import type { CheckResult } from "../model/result.ts";

/** Evidence longer than this, as JSON, is cut: a page must stay small whatever a checker found. */
const EVIDENCE_CHARS = 60_000;
/** What a list is cut to. */
const ITEMS = 200;

/** The same check, its evidence cut if need be. `cut` tells how long each list was; `result.json` has all of it. */
export function bounded(check: CheckResult): CheckResult {
  if (JSON.stringify(check.evidence).length <= EVIDENCE_CHARS) return check;
  const cut: Record<string, number> = {};
  return { ...check, evidence: { ...(shorter(check.evidence, "", cut) as CheckResult["evidence"]), cut } };
}

function shorter(value: unknown, path: string, cut: Record<string, number>): unknown {
  if (Array.isArray(value)) {
    if (value.length > ITEMS) cut[path] = value.length;
    return value.slice(0, ITEMS).map((item, index) => shorter(item, `${path}.${index}`, cut));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      shorter(inner, path === "" ? name : `${path}.${name}`, cut),
    ]),
  );
}
