import type { Action, RegisterOperation, Value } from "../../model/register.ts";

/** Elements of a list that are shown: the first and the last few. */
const SHOWN_FIRST = 2;
const SHOWN_LAST = 4;
/** Characters of a long text that are shown, at its beginning and at its end. */
const SHOWN_BEGINNING = 40;
const SHOWN_END = 40;

/** A value as a person reads it: `nothing`, `7`, `[1, 2, … 90 more …, 93, 94]`. */
export function shown(value: Value): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) {
    const hidden = value.length - SHOWN_FIRST - SHOWN_LAST;
    const parts =
      hidden <= 1
        ? value.map(shown)
        : [
            ...value.slice(0, SHOWN_FIRST).map(shown),
            `… ${hidden} more …`,
            ...value.slice(-SHOWN_LAST).map(shown),
          ];
    return `[${parts.join(", ")}]`;
  }
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const hidden = text.length - SHOWN_BEGINNING - SHOWN_END;
  if (hidden <= SHOWN_END) return text;
  return `${text.slice(0, SHOWN_BEGINNING)}… ${hidden} more characters …${text.slice(-SHOWN_END)}`;
}

/** `write 7`, `cas 7 → 9`, `cas from 7: refused, saw 8`. */
export function actionText(action: Action): string {
  if (action.f === "cas") return `cas ${shown(action.from)} → ${shown(action.to)}`;
  if (action.f === "cas-refused") {
    const saw = action.saw === undefined ? "" : `, saw ${shown(action.saw)}`;
    return `cas from ${shown(action.from)}: refused${saw}`;
  }
  return `${action.f} ${shown(action.value)}`;
}

/** What it found there, where its answer tells. */
export function foundBy({ action }: Pick<RegisterOperation, "action">): Value | undefined {
  if (action.f === "read") return action.value;
  if (action.f === "cas") return action.from;
  return action.f === "cas-refused" ? action.saw : undefined;
}

/** What stands there after it, where that does not depend on what stood there before. */
export function setBy({ action }: Pick<RegisterOperation, "action">): Value | undefined {
  if (action.f === "write") return action.value;
  return action.f === "cas" ? action.to : undefined;
}

export function sameValue(a: Value | undefined, b: Value | undefined): boolean {
  return a !== undefined && b !== undefined && (a === b || JSON.stringify(a) === JSON.stringify(b));
}
