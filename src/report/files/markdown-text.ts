/** A table; columns whose numbers are given stand at the right. */
export function markdownTable(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = columns.map((_, index) => (right.includes(index) ? "---:" : "---"));
  return [line(columns.map(escapedText)), line(rule), ...rows.map(line)].join("\n");
}

/** Text from servers is shown as it is: neither markup, nor a link, nor somebody who is notified. */
export function escapedText(raw: string): string {
  return raw
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[&<>|@]/g, (char) => `&#${char.codePointAt(0)};`)
    .replaceAll(/[\\`*_{}[\]#~]/g, "\\$&")
    .replaceAll("://", ":\u200b//");
}

/** As code, in more backticks than the text has in a row. */
export function inlineCode(raw: string): string {
  const longest = Math.max(0, ...[...raw.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = raw.startsWith("`") || raw.endsWith("`") ? " " : "";
  return `${fence}${pad}${raw.replaceAll(/\s+/g, " ")}${pad}${fence}`;
}

/** Lines of code as they are, behind more backticks than stand in them in a row. */
export function fencedCode(raw: string, language: string): string {
  const longest = Math.max(2, ...[...raw.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${raw.trimEnd()}\n${fence}`;
}
