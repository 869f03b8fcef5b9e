import { stripVTControlCharacters } from "node:util";

/**
 * Control characters, as categories of Unicode: those that act (Cc), and those that nobody sees or that turn text
 * around (Cf).
 */
const UNSEEN = /[\p{Cf}\u2028\u2029]/gu;
const CONTROLS = /\p{Cc}/gu;
const SUSPECT = /[^ -~]/;

/** Without colours, but otherwise as it was written. */
export function withoutColours(text: string): string {
  return text.includes("\u001b") || text.includes("\u009b") ? stripVTControlCharacters(text) : text;
}

/**
 * Text that can be shown: no terminal sequence, no control character, nothing that turns text around; at most so long.
 */
export function clean(text: string, maxChars = 400): string {
  // Cut before it is looked at, so that no line costs more than its share.
  const part = text.length > 4 * maxChars ? text.slice(0, 4 * maxChars) : text;
  const safe = SUSPECT.test(part) ? shown(part) : part;
  const isWhole = safe.length <= maxChars && part.length === text.length;
  return isWhole ? safe : `${safe.slice(0, maxChars).replace(/[\ud800-\udbff]$/, "")}…`;
}

function shown(text: string): string {
  const plain = stripVTControlCharacters(text).replace(/\t/g, " ").trimEnd();
  return plain.replace(UNSEEN, "").replace(CONTROLS, "\ufffd");
}
