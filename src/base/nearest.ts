import { closest, distance } from "fastest-levenshtein";

/** ` Did you mean "…"?` where one of the names is near enough to be a slip of the keyboard, else nothing. */
export function didYouMean(given: string, names: readonly string[]): string {
  if (names.length === 0) return "";
  const nearest = closest(given, [...names]);
  return distance(given, nearest) <= Math.max(2, Math.floor(given.length / 3))
    ? ` Did you mean "${nearest}"?`
    : "";
}
