import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/*
 *   server ── getaddrinfo ──▶ libnss_wrapper, preloaded ──┬─ in the node's file `hosts` ─▶ that address
 *                                                          └─ any other name ────────────▶ the system's resolver
 *
 * https://cwrap.org/nss_wrapper.html: a process resolves names by a file of its own, without privileges, and the files
 * of the machine stay as they are.
 */

/** A node's own names, in its folder, as in /etc/hosts (hosts(5)). */
export const HOSTS_FILE = "hosts";

const LIBRARY = "libnss_wrapper.so";
const FOLDERS = ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64", "/opt/homebrew/lib"];

/** Why nodes cannot have names of their own here; undefined if they can. */
export function lacksNames(library = findLibrary()): string | undefined {
  if (process.platform !== "linux") return "names can be given to nodes only on Linux";
  return library ? undefined : `${LIBRARY} is missing: sudo apt-get install libnss-wrapper`;
}

/** What a server that is to resolve the names of that file is started with. */
export function namesEnvironment(hosts: string): Readonly<Record<string, string>> {
  const library = findLibrary();
  return library ? { LD_PRELOAD: library, NSS_WRAPPER_HOSTS: hosts } : {};
}

/** The text of such a file. */
export function hostsText(names: ReadonlyMap<string, string>): string {
  return [...names].map(([name, address]) => `${address} ${name}\n`).join("");
}

/** Debian has a folder for each architecture: /usr/lib/x86_64-linux-gnu. */
function findLibrary(): string | undefined {
  const folders = FOLDERS.flatMap((folder) => [folder, ...architectures(folder)]);
  return folders.map((folder) => join(folder, LIBRARY)).find((path) => existsSync(path));
}

function architectures(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.includes("-linux-"))
      .map((name) => join(folder, name));
  } catch {
    return []; // there is no such folder
  }
}
