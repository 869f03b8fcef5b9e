import type { Risk } from "../../model/advise.ts";
import type { Advised } from "../advised.ts";
import { dataRules } from "./data.ts";
import { detectionRules } from "./detection.ts";
import { quorumRules } from "./quorum.ts";
import type { Rule } from "./rule.ts";

/** All that is looked for, what weighs most first. */
export const RULES: readonly Rule[] = [...quorumRules, ...dataRules, ...detectionRules].toSorted(
  (a, b) => Number(b.level === "danger") - Number(a.level === "danger"),
);

/** What is risky of that topology. */
export function risksOf(advised: Advised): Risk[] {
  return RULES.flatMap((rule): Risk[] => {
    const { name, level, scenario, on } = rule;
    if (on !== undefined && on !== advised.kind) return [];
    const found = rule.find(advised);
    if (!found) return [];
    const shown = typeof scenario === "string" ? scenario : scenario[advised.kind];
    return [{ rule: name, level, ...found, place: advised.placeOf(found.setting) ?? null, scenario: shown }];
  });
}
