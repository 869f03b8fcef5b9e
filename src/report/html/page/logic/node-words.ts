import type { NodeAt } from "./topology-at.ts";

/** What is wrong with a node at that moment, in words; the same fault several times in one. */
export function nodeWords({ faults, sees, doubted, state }: NodeAt): string[] {
  const times = new Map<string, number>();
  for (const fault of faults) times.set(fault, (times.get(fault) ?? 0) + 1);
  return [
    ...[...times].map(([fault, count]) => (count === 1 ? fault : `${fault} ×${count}`)),
    ...(sees === "down" ? ["sees it down"] : sees === "agreed" ? ["agreed: down"] : []),
    ...(doubted > 0 ? [`doubted by ${doubted}`] : []),
    ...(state === "fail" ? ["cluster fail"] : []),
  ];
}

/**
 * The words in few short lines, so that they stay under their own node: no line is longer than `chars`, and what finds
 * no room in the last is counted there (`+2`).
 */
export function shortLines(words: readonly string[], chars: number, most: number): string[] {
  const lines: string[][] = [];
  for (const [at, word] of words.entries()) {
    const last = lines.at(-1);
    if (last && joined([...last, word]).length <= chars) last.push(word);
    else if (lines.length < most) lines.push([word]);
    else
      return [...lines.slice(0, -1), counted(last as string[], words.length - at, chars)]
        .map(joined)
        .map((line) => shortened(line, chars));
  }
  return lines.map((line) => shortened(joined(line), chars));
}

/** The last line with how many more there are, in place of those that leave no room for the number. */
function counted(line: readonly string[], more: number, chars: number): string[] {
  const number = ` +${more}`;
  if (line.length === 1) return [`${shortened(joined(line), chars - number.length)}${number}`];
  const whole = `${joined(line)}${number}`;
  return whole.length <= chars ? [whole] : counted(line.slice(0, -1), more + 1, chars);
}

function joined(words: readonly string[]): string {
  return words.join(", ");
}

function shortened(text: string, chars: number): string {
  return text.length > chars ? `${text.slice(0, chars - 1)}…` : text;
}
