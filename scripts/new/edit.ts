/** Adds an import, and an entry at the end of the list that begins with `list`. */
export function register(importLine: string, list: string, entry: string) {
  return (text: string): string => {
    const begin = place(text, list) + list.length;
    const end = text.indexOf("]", begin);
    const before = text.slice(0, end).trimEnd();
    const comma = /[[,]$/.test(before) ? "" : ",";
    return `${importLine}\n${before}${comma} ${entry},\n${text.slice(end)}`;
  };
}

/** Adds an entry at the end of the object that begins with `object`. */
export function addEntry(object: string, entry: string) {
  return (text: string): string => {
    const end = text.indexOf("\n};", place(text, object));
    return `${text.slice(0, end)}\n${entry}${text.slice(end)}`;
  };
}

/** Adds rows at the end of the table of that header. */
export function addRows(header: string, ...rows: readonly string[]) {
  return (text: string): string => {
    const end = text.indexOf("\n\n", place(text, header));
    return `${text.slice(0, end)}\n${rows.join("\n")}${text.slice(end)}`;
  };
}

/** One edit after the other. */
export function all(...edits: readonly ((text: string) => string)[]) {
  return (text: string): string => edits.reduce((before, edit) => edit(before), text);
}

function place(text: string, mark: string): number {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`"${mark}" is not where it should be: the generator is older than the file`);
  return at;
}
