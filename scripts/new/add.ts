import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { checker } from "./checker.ts";
import { client } from "./client.ts";
import { fault } from "./fault.ts";
import { workload } from "./workload.ts";

/** What adding one of a kind means: files, and lines in files that there are. */
export interface Addition {
  /** Texts by path. The first must not be there yet. */
  readonly files: Readonly<Record<string, string>>;
  /** By path: what becomes of its text. */
  readonly edits: Readonly<Record<string, (text: string) => string>>;
  /** What it is at first. */
  readonly begins: string;
  /** Commands that show that it works. */
  readonly next: readonly string[];
}

/** A name in its forms: `forget-scripts`, `forgetScripts`. */
export interface Name {
  readonly kebab: string;
  readonly camel: string;
}

export const KINDS = { fault, workload, checker, client } satisfies Record<string, (name: Name) => Addition>;
export type Kind = keyof typeof KINDS;

/**
 * Writes all of it into the repository in that folder.
 *
 * @returns the files that were written, what it is now, and what to run next
 * @throws Error if there is one of that name, or a file does not look as it did when this was written
 */
export async function addNew(root: string, kind: Kind, kebab: string) {
  const camel = kebab.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const { files, edits, ...told } = KINDS[kind]({ kebab, camel });
  const there = Object.keys(files).find((path) => existsSync(join(root, path)));
  if (there !== undefined) throw new Error(`there is ${there} already: choose another name`);
  const texts = new Map(Object.entries(files));
  for (const [path, edit] of Object.entries(edits))
    texts.set(path, edit(await readFile(join(root, path), "utf8")));
  for (const [path, text] of texts) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return { written: [...texts.keys()].map((path) => join(root, path)), ...told };
}
