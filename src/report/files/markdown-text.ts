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
    .replaceAll(/[\\`*_{}[\]#~]/g, "\\$&") // first: it must not part the `#` of what follows from its `&`
    .replaceAll(/[&<>|@]/g, (char) => `&#${char.codePointAt(0)};`)
    .replaceAll("://", ":\u200b//");
}

/** As code, in more backticks than the text has in a row. */
export function inlineCode(raw: string): string {
  const fence = backticks(raw, 1);
  const pad = raw.startsWith("`") || raw.endsWith("`") ? " " : "";
  return `${fence}${pad}${raw.replaceAll(/\s+/g, " ")}${pad}${fence}`;
}

/** Lines of code as they are, behind more backticks than stand in them in a row. */
export function fencedCode(raw: string, language: string): string {
  const fence = backticks(raw, 3);
  return `${fence}${language}\n${raw.trimEnd()}\n${fence}`;
}

/** A part that is read only by those who open it. */
export function details(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;
}

/** More than stand in the text in a row, and at least so many. */
function backticks(raw: string, least: number): string {
  const runs = [...raw.matchAll(/`+/g)].map(([run]) => run.length + 1);
  return "`".repeat(Math.max(least, ...runs));
}
