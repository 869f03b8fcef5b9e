/*
 * What `config` says of passwords and users. The drill logs in as well, and so do the client, Sentinel and the
 * replicas: a `requirepass` that only the servers knew of would lock them all out.
 */
import type { ConfigOrigin } from "./config-fields.ts";
import { splitWords } from "./config-file.ts";
import { type Directives, nameOfToday, valuesOf } from "./config-text.ts";

/** Directives of `config` that belong to authentication, under their names of today. */
export interface ConfigAuth {
  readonly requirepass?: string;
  readonly primaryauth?: string;
  readonly primaryuser?: string;
  /** Lines as a configuration file has them, without the word `user`. */
  readonly users: readonly string[];
  readonly aclfile?: string;
}

const NAMES = ["requirepass", "primaryauth", "primaryuser", "user", "aclfile"];

/** Is a directive of that name one of them? */
export function isOfAuth(name: string): boolean {
  return NAMES.includes(nameOfToday(name));
}

/** What `config` says of it; `undefined` if it says nothing. */
export function configAuth(config: Directives): ConfigAuth | undefined {
  const found = new Map<string, readonly string[]>();
  for (const [given, value] of Object.entries(config)) {
    if (!isOfAuth(given)) continue;
    const name = nameOfToday(given);
    const values = valuesOf(value).map(name === "user" ? userLine : oneWord);
    if (values.every((one) => one === "")) continue; // `requirepass ""`: none
    found.set(name, values);
  }
  if (found.size === 0) return undefined;
  const one = (name: string) => found.get(name)?.at(-1);
  return {
    requirepass: one("requirepass"),
    primaryauth: one("primaryauth"),
    primaryuser: one("primaryuser"),
    users: found.get("user") ?? [],
    aclfile: one("aclfile"),
  };
}

/** `config` without them. */
export function withoutAuth<T extends Directives>(config: T): T {
  return Object.fromEntries(Object.entries(config).filter(([name]) => !isOfAuth(name))) as T;
}

/** Where one of them stands, each of its values: for errors. @param wanted by its name of today */
export function placesOf(
  { config, origin }: ConfigOrigin & { config: Directives },
  wanted: string,
): string[] {
  const [name = wanted, value = ""] =
    Object.entries(config).find(([given]) => nameOfToday(given) === wanted) ?? [];
  const values = valuesOf(value);
  const field = `topology.config.${name}`;
  return values.map((one, index) => {
    const here = values.length > 1 ? `${field}, line ${index + 1}` : field;
    return origin?.places.get(`${name} ${one}`) ?? here;
  });
}

/** Where the one stands that counts: the last. */
export function placeOf(spec: Parameters<typeof placesOf>[0], wanted: string): string {
  return placesOf(spec, wanted).at(-1) as string;
}

/** The word that counts of a directive which takes one. */
export function wordOf(value: Directives[string] | undefined): string | undefined {
  return valuesOf(value).map(oneWord).at(-1);
}

/** The one word of a value; what is not one, no server takes. */
function oneWord(value: string): string {
  const [word, ...more] = splitWords(value) ?? [];
  return word && more.length === 0 ? word.text : value;
}

/** Without quotes that mean nothing. */
function userLine(value: string): string {
  const words = splitWords(value);
  if (words?.every(({ text }) => text === "")) return "";
  return words?.map(({ written }) => written).join(" ") ?? value;
}
