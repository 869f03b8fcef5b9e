import type { ExplainedPhase, QuotedLine } from "../../model/explanation.ts";

/** So many places stand behind a sentence. */
const SHOWN = 3;

/** `sentinel-1.log:12 · primary.log:31 · and 2 more`. */
export function placesOf(lines: readonly QuotedLine[]): string {
  const all = [...new Set(lines.map(({ file, line }) => `${file}:${line}`))];
  const rest = all.length > SHOWN ? [`and ${all.length - SHOWN} more`] : [];
  return [...all.slice(0, SHOWN), ...rest].join(" · ");
}

/** `down-after-milliseconds 2000 ms`; nothing where there is no setting. */
export function settingWords({ setting, value }: { setting: string | null; value: string | null }): string {
  if (setting === null) return "";
  return value === null ? setting : `${setting} ${value}`;
}

/** A setting that was inferred has a star behind it. */
export function governedWords({ governedBy, inferred }: ExplainedPhase): string {
  if (!governedBy) return "";
  return `${settingWords(governedBy)}${inferred ? " *" : ""}`;
}
