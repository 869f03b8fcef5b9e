import dns, { type LookupAddress } from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import { promisify } from "node:util";

/*
 *   library ─▶ net.connect ─▶ dns.lookup ─┬─ ends with .drill.test ─▶ ours: what the bake-off said last
 *                                         └─ any other ─────────────▶ the system's
 */

/** Nobody outside has such a name: https://www.rfc-editor.org/rfc/rfc6761#section-6.2 */
export const OUR_DOMAIN = ".drill.test";

type Options = { readonly all?: boolean; readonly family?: number | string };
type Done = (
  error: NodeJS.ErrnoException | null,
  address?: string | readonly LookupAddress[],
  family?: number,
) => void;
type Lookup = (hostname: string, options: Options | number | Done, done?: Done) => void;

/**
 * In this process, names under `.drill.test` mean what `names` says at the moment of asking, as if it were a DNS whose
 * answers nobody keeps: without root no other name can be given an address. To be called before a library is loaded,
 * since one may keep the function for itself. A library that resolves in native code is out of reach.
 */
export function answerOurNames(names: ReadonlyMap<string, string>): void {
  const ours = lookupIn(names, dns.lookup as Lookup);
  const promised = promisedBy(ours);
  dns.lookup = Object.assign(ours, { [promisify.custom]: promised }) as unknown as typeof dns.lookup;
  dns.promises.lookup = promised as typeof dns.promises.lookup;
  syncBuiltinESMExports(); // for whoever imports them by name
}

/**
 * As `dns.lookup`, with our names before the others. https://nodejs.org/api/dns.html#dnslookuphostname-options-callback
 */
export function lookupIn(names: ReadonlyMap<string, string>, others: Lookup): Lookup {
  return (hostname, given, last) => {
    const name = String(hostname).toLowerCase();
    if (!name.endsWith(OUR_DOMAIN)) return others(hostname, given, last);
    const done = typeof given === "function" ? given : last;
    const { all = false, family = 0 }: Options =
      typeof given === "number" ? { family: given } : typeof given === "object" ? given : {};
    const address = names.get(name);
    process.nextTick(() => {
      if (address === undefined || family === 6 || family === "IPv6") done?.(notFound(name));
      else if (all) done?.(null, [{ address, family: 4 }]);
      else done?.(null, address, 4);
    });
  };
}

/** As `dns.promises.lookup`. */
export function promisedBy(
  lookup: Lookup,
): (hostname: string, options?: Options | number) => Promise<unknown> {
  return (hostname, options = {}) =>
    new Promise((resolve, reject) => {
      lookup(hostname, options, (error, address, family) => {
        if (error) reject(error);
        else resolve(Array.isArray(address) ? address : { address, family });
      });
    });
}

function notFound(hostname: string): NodeJS.ErrnoException {
  const error = new Error(`getaddrinfo ENOTFOUND ${hostname}`);
  return Object.assign(error, { code: "ENOTFOUND", errno: -3008, syscall: "getaddrinfo", hostname });
}
