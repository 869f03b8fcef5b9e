/** An SVG element; attributes that are `undefined` are left out, text is escaped. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  ...children: readonly string[]
): string {
  const given = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) => ` ${key}="${escaped(typeof value === "number" ? rounded(value) : String(value))}"`,
    );
  const open = `<${name}${given.join("")}`;
  return children.length === 0 ? `${open}/>` : `${open}>${children.join("")}</${name}>`;
}

/** Text as the content of an element. Characters that XML cannot hold are left out. */
export function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must go
  const allowed = text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, "");
  return allowed.replaceAll(/[&<>"']/g, (char) => `&#${char.codePointAt(0)};`);
}

function rounded(value: number): string {
  return String(Math.round(value * 100) / 100);
}
