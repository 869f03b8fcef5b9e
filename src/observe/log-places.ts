import type { Admin, Reply } from "../valkey/admin.ts";

/** Where a node writes its log, and how much of it. */
export interface LogPlace {
  /** Absolute path of its `logfile`; absent: standard output. */
  readonly path?: string;
  /** `loglevel`; absent: not known. */
  readonly level?: string;
}

const ASK_MS = 1000;

/** At these levels a node says nothing of elections, votes and roles. */
const TOO_QUIET = ["warning", "nothing"];

/**
 * Asks the node: its configuration may have been changed since it was started. Where it does not say, standard output
 * is assumed.
 */
export async function logPlaceOf(admin: Admin): Promise<LogPlace> {
  const asked = ["logfile", "dir", "loglevel"];
  const replies = await admin
    .replies(
      asked.map((name) => ["CONFIG", "GET", name]),
      ASK_MS,
    )
    .catch(() => []); // it does not answer: the mark, which it does not take either, says why
  const [file, dir, level] = replies.map(valueIn);
  // The server opens the file anew for each line, from where it is: CONFIG SET dir moves it.
  const path = !file || file.startsWith("/") ? file : `${dir ?? ""}/${file}`;
  return { ...(path && { path }), ...(level && { level }) };
}

/** What its log will not hold, if it is so. */
export function tooQuiet({ level }: LogPlace): string | undefined {
  if (level === undefined || !TOO_QUIET.includes(level)) return undefined;
  return `its loglevel is ${level}, so it does not write of elections, votes and promotions`;
}

/** Devices are not read: of these standard output is read anyway, and others keep nothing. */
export function isDevice(path: string): boolean {
  return path.startsWith("/dev/") || path.startsWith("/proc/");
}

function valueIn(reply: Reply | Error): string | undefined {
  return Array.isArray(reply) && typeof reply[1] === "string" ? reply[1] : undefined;
}
