import { access, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DrillError, messageOf } from "../../model/errors.ts";
import { findOnPath } from "../on-path.ts";
import { type Finished, lastLines, runProgram } from "../run-program.ts";
import type { DebianRelease } from "./releases.ts";

/** Where Debian puts the keys that sign its archive (package `debian-archive-keyring`). */
export const DEBIAN_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Debian's mirror network; the signatures, not the transport, say that the packages are Debian's. */
const DEBIAN_MIRROR = "http://deb.debian.org/debian";

/** The list of packages is about 10 MB: this allows for 40 kB/s. */
const APT_TIMEOUT_MS = 4 * 60_000;

/** The programs that a fetch runs. */
export interface AptTools {
  readonly aptGet: string;
  readonly dpkg: string;
}

export interface AptOptions {
  readonly release: DebianRelease;
  readonly tools: AptTools;
  readonly env: NodeJS.ProcessEnv;
  readonly keyring: string;
  readonly signal?: AbortSignal;
}

/** An apt of our own: its lists, cache, sources and keys are its own; the system's are neither read nor written. */
export interface PrivateApt {
  /** Debian's name of this machine's architecture, e.g. `amd64`. */
  readonly architecture: string;
  /** Downloads packages, each checked against the signed list; returns the paths of the package files. */
  download(packages: readonly string[]): Promise<string[]>;
}

/** Finds `apt-get` and `dpkg` on PATH; `missing` names those that are not there. */
export async function findAptTools(env: NodeJS.ProcessEnv): Promise<AptTools | { missing: string[] }> {
  const [aptGet, dpkg] = await Promise.all([findOnPath("apt-get", env), findOnPath("dpkg", env)]);
  if (aptGet && dpkg) return { aptGet, dpkg };
  return { missing: [...(aptGet ? [] : ["apt-get"]), ...(dpkg ? [] : ["dpkg"])] };
}

/** The mirror: `VALKEY_DRILL_DEBIAN_MIRROR`, or Debian's own. @throws DrillError `BAD_USAGE` */
export function debianMirror(env: NodeJS.ProcessEnv): string {
  const given = env.VALKEY_DRILL_DEBIAN_MIRROR || DEBIAN_MIRROR;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url && ["http:", "https:", "file:"].includes(url.protocol)) return url.href.replace(/\/$/, "");
  throw new DrillError(
    "BAD_USAGE",
    `VALKEY_DRILL_DEBIAN_MIRROR is not an http, https or file URL: "${given}"`,
    {
      hint: `Unset it to use ${DEBIAN_MIRROR}`,
    },
  );
}

/**
 * Makes an apt state in `dir` and reads the release's list of packages into it.
 *
 * @throws DrillError `FETCH_FAILED` with what apt said; `BAD_USAGE` for a bad mirror
 */
export async function openPrivateApt(dir: string, options: AptOptions): Promise<PrivateApt> {
  await checkKeyring(options.keyring);
  const architecture = await architectureOf(options);
  for (const folder of ["lists/partial", "archives/partial", "packages", "tmp"]) {
    await mkdir(join(dir, folder), { recursive: true });
  }
  await writeFile(join(dir, "status"), "");
  await writeFile(join(dir, "apt.conf"), HOOKS_OFF);
  await writeFile(join(dir, "debian.sources"), sourceText(options, architecture));

  await aptGet(dir, options, ["update"]);
  return {
    architecture,
    async download(packages) {
      const folder = join(dir, "packages");
      const before = new Set(await readdir(folder));
      await aptGet(dir, options, ["download", ...packages]);
      const files = (await readdir(folder)).filter((name) => name.endsWith(".deb") && !before.has(name));
      return files.map((name) => join(folder, name));
    },
  };
}

/**
 * The machine's configuration is read first, for a proxy that may stand in it; what would disturb us or touch the
 * system is cleared here (Docker's images, for one, delete the system's package cache after each update).
 */
const HOOKS_OFF = `
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Default-Release;
#clear APT::Architectures;
`;

/** Paths are given as options, not in a file, since a file could not quote every path. */
function settings(dir: string): string[] {
  const pairs = {
    Dir: "/",
    "Dir::State": dir,
    "Dir::State::Lists": join(dir, "lists"),
    "Dir::State::status": join(dir, "status"),
    "Dir::Cache": dir,
    "Dir::Cache::Archives": join(dir, "archives"),
    "Dir::Cache::pkgcache": "pkgcache.bin",
    "Dir::Cache::srcpkgcache": "",
    "Dir::Etc::SourceList": join(dir, "debian.sources"),
    "Dir::Etc::SourceParts": "/dev/null",
    "Dir::Etc::Preferences": "/dev/null",
    "Dir::Etc::PreferencesParts": "/dev/null",
    "Dir::Log": dir,
    // Said again, whatever the machine's configuration says: nothing unsigned is taken.
    "Acquire::AllowInsecureRepositories": "false",
    "Acquire::AllowWeakRepositories": "false",
    "Acquire::AllowDowngradeToInsecureRepositories": "false",
    "APT::Get::AllowUnauthenticated": "false",
    // Without it a list that could not be had is only a warning, and an unrelated error follows.
    "APT::Update::Error-Mode": "any",
    // As root, apt would download as the user _apt, who cannot enter a private cache folder.
    "APT::Sandbox::User": "root",
    "Acquire::GzipIndexes": "false",
    "Acquire::Languages": "none",
    "Acquire::Retries": "2",
    "Acquire::http::Timeout": "20",
    "Acquire::https::Timeout": "20",
  };
  return Object.entries(pairs).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

function sourceText(options: AptOptions, architecture: string): string {
  return `Types: deb
URIs: ${debianMirror(options.env)}
Suites: ${options.release.suites.join(" ")}
Components: main
Architectures: ${architecture}
Targets: Packages
Signed-By: ${options.keyring}
`;
}

async function aptGet(dir: string, options: AptOptions, args: string[]): Promise<void> {
  const finished = await runProgram(
    options.tools.aptGet,
    ["-c", join(dir, "apt.conf"), ...settings(dir), "-q", ...args],
    {
      cwd: join(dir, "packages"),
      env: { ...options.env, LC_ALL: "C", TMPDIR: join(dir, "tmp") },
      timeoutMs: APT_TIMEOUT_MS,
      signal: options.signal,
    },
  );
  if (finished.code !== 0 || finished.problem) throw aptFailure(options, args[0] ?? "", finished);
}

function aptFailure(options: AptOptions, command: string, finished: Finished): DrillError {
  const complaints = `${finished.stdout}\n${finished.stderr}`.match(/^(?:E|W|Err):.*(?:\n {2,}.*)*/gm);
  const said = complaints ? complaints.slice(-4).join("\n") : lastLines(finished);
  const how = finished.problem ?? `exit code ${finished.code}`;
  return new DrillError(
    "FETCH_FAILED",
    `could not fetch ${options.release.name} from Debian: "apt-get ${command}" failed (${how}): ${said}`,
    { hint: hintFor(said, options) },
  );
}

function hintFor(said: string, { env, keyring }: AptOptions): string {
  const instead =
    "A server that is installed already needs no download: --valkey /path/to/valkey-server, or put it on PATH.";
  if (/hash sum mismatch|hashes of expected|unexpected size/i.test(said)) {
    return (
      `What the mirror sent is not what Debian signed; nothing of it was kept. Try again, or another mirror:\n ` +
      ` VALKEY_DRILL_DEBIAN_MIRROR=http://ftp.debian.org/debian\n${instead}`
    );
  }
  if (/not signed|NO_PUBKEY|BADSIG|GPG error|signature|clearsigned|not valid yet|expired/i.test(said)) {
    return (
      `The package list does not bear a valid signature of Debian's (${keyring}); nothing of it was kept. If ` +
      `the keyring is old: sudo apt-get install --only-upgrade debian-archive-keyring. If a proxy or ` +
      `VALKEY_DRILL_DEBIAN_MIRROR stands between, try without it. Is the clock right?\n${instead}`
    );
  }
  if (/no space left|write error/i.test(said)) {
    return "Free some space (about 80 MB), or set XDG_CACHE_HOME to a folder on another disk.";
  }
  return (
    `Can this machine reach ${debianMirror(env)}? Behind a proxy, set http_proxy; for another mirror, ` +
    `VALKEY_DRILL_DEBIAN_MIRROR.\n${instead}`
  );
}

async function checkKeyring(keyring: string): Promise<void> {
  try {
    await access(keyring);
  } catch (error) {
    throw new DrillError(
      "FETCH_FAILED",
      `cannot check Debian's signatures, so nothing was fetched: ${messageOf(error)}`,
      { hint: "sudo apt-get install debian-archive-keyring", cause: error },
    );
  }
}

async function architectureOf({ tools, env, signal }: AptOptions): Promise<string> {
  const finished = await runProgram(tools.dpkg, ["--print-architecture"], { env, timeoutMs: 10_000, signal });
  const architecture = finished.stdout.trim();
  if (/^[a-z0-9-]+$/.test(architecture)) return architecture;
  throw new DrillError(
    "FETCH_FAILED",
    `"${tools.dpkg} --print-architecture" gave no architecture: ${finished.problem ?? lastLines(finished)}`,
    { hint: "Give an installed server: --valkey /path/to/valkey-server" },
  );
}
