import { markdownTable } from "../../src/report/files/markdown-text.ts";
import type { Outcome } from "./held.ts";

export interface Row {
  readonly scenario: string;
  readonly valkey: string;
  readonly whole: Outcome;
  readonly shifted: Outcome;
  readonly without: { readonly node: string; readonly outcome: Outcome };
}

/** The table as it stands in the docs. */
export function tableOf(rows: readonly Row[]): string {
  const head = [
    "scenario",
    "whole: promotions",
    "phases within 20 ms (largest difference)",
    "cause",
    "shifted: promotions",
    "phases within the bar (largest difference, largest bar)",
    "cause",
    "without the log of",
    "promotions",
    "cause",
  ];
  const lines = rows.map(({ scenario, whole, shifted, without }) => [
    scenario,
    promotions(whole),
    phases(whole),
    causes(whole),
    promotions(shifted),
    `${phases(shifted)}${shifted.phases.compared > 0 ? `, ±${Math.ceil(shifted.phases.largestBarMs)}` : ""}`,
    causes(shifted),
    without.node,
    promotions(without.outcome),
    causes(without.outcome),
  ]);
  const notes = rows.flatMap(({ scenario, whole, shifted, without }) =>
    (
      [
        ["whole", whole],
        ["shifted", shifted],
        [`without ${without.node}`, without.outcome],
      ] as const
    ).flatMap(([what, outcome]) => {
      const parts = [
        ...outcome.promotions.missed.map((pair) => `missed ${pair}`),
        ...outcome.promotions.more.map((pair) => `more: ${pair}`),
        ...outcome.causes.wrong,
      ];
      return parts.length > 0 ? [`- ${scenario}, ${what}: ${parts.join("; ")}`] : [];
    }),
  );
  return [markdownTable(head, lines), ...(notes.length > 0 ? [notes.join("\n")] : [])].join("\n\n");
}

function promotions({ promotions: { right, missed, more } }: Outcome): string {
  return `${right} of ${right + missed.length}${more.length > 0 ? `, ${more.length} more` : ""}`;
}

function phases({ phases: { compared, within, largestMs } }: Outcome): string {
  return compared === 0 ? "–" : `${within} of ${compared} (${Math.round(largestMs)})`;
}

function causes({ causes: { right, open, of } }: Outcome): string {
  if (of === 0) return "–";
  return `${right} of ${of}${open > 0 ? `, ${open} left open` : ""}`;
}
