import type { Result } from "../model/result.ts";

/** What could not be read, why, and what is missing because of it: nodes with the same reason in one sentence. */
export function unreadWords({ unreadLogs = [] }: Pick<Result, "unreadLogs">): string[] {
  const reasons = [...new Set(unreadLogs.map(({ why }) => why))];
  return reasons.map((why) => {
    const alike = unreadLogs.filter((one) => one.why === why);
    const missing = [...new Set(alike.flatMap((one) => one.missing))];
    const without =
      missing.length === 0
        ? "no phase shown here would come from it"
        : `missing because of it, or known by looks only: ${missing.join(", ")}`;
    return `log of ${alike
      .map(({ node }) => node)
      .sort()
      .join(", ")} not read as a whole: ${why}; ${without}`;
  });
}
