/** A command of this program, as a shell would take it. */
export function shellLine(words: readonly string[]): string {
  return ["valkey-drill", ...words].map(shellWord).join(" ");
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
