/** An element of a document that was read back. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Its own text, entities resolved. */
  readonly text: string;
}

const TOKEN =
  /<\?[^?]*\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<\/([\w:-]+)\s*>|<([\w:-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;
const ENTITY = /&(?:#x([0-9a-f]+)|#(\d+)|(amp|lt|gt|quot|apos));/gi;
const NAMED: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Reads a document strictly: what is not well-formed is an error. No comments, no DTD: nothing here writes any. */
export function readXml(document: string): XmlElement {
  const root = { name: "", attributes: {}, children: [] as XmlElement[], text: "" };
  const open = [root];
  let end = 0;
  for (const [token, cdata, closing, name, attributes = "", empty, text] of document.matchAll(TOKEN)) {
    end += token.length;
    const parent = open.at(-1) ?? root;
    if (cdata !== undefined) parent.text += cdata;
    else if (text !== undefined) parent.text += resolved(text);
    else if (closing !== undefined) {
      if (open.pop()?.name !== closing) throw new Error(`</${closing}> closes another element`);
    } else if (name !== undefined) {
      const element = { name, attributes: attributesOf(attributes), children: [], text: "" };
      parent.children.push(element);
      if (empty === "") open.push(element);
    }
  }
  if (end !== document.length) throw new Error(`not XML from here on: ${document.slice(end, end + 60)}`);
  const [only] = root.children;
  if (only === undefined || root.children.length > 1 || open.length > 1)
    throw new Error("not one whole element");
  return only;
}

/** Every element of that name, at any depth. */
export function elementsNamed(root: XmlElement, name: string): XmlElement[] {
  return root.children.flatMap((child) => [
    ...(child.name === name ? [child] : []),
    ...elementsNamed(child, name),
  ]);
}

function attributesOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [
    name,
    resolved(value),
  ]);
  if (new Set(pairs.map(([name]) => name)).size < pairs.length)
    throw new Error(`an attribute twice: ${text}`);
  return Object.fromEntries(pairs);
}

function resolved(text: string): string {
  if (/&/.test(text.replaceAll(ENTITY, ""))) throw new Error(`an unknown entity in: ${text}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML forbids them
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text)) throw new Error("a character that XML forbids");
  return text.replaceAll(ENTITY, (_, hex, decimal, name) =>
    name ? (NAMED[name] ?? "") : String.fromCodePoint(Number.parseInt(hex ?? decimal, hex ? 16 : 10)),
  );
}
