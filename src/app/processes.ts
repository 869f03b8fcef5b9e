import { readdirSync, readFileSync } from "node:fs";
import { identify, type ProcessIdentity } from "../driver/identity.ts";
import { statFieldsOf } from "../driver/proc-stat.ts";

/** What every process of an application has in its environment, and hands on to its children. */
export const TOKEN_VARIABLE = "VALKEY_DRILL_APP";

/** A process of an application. */
export interface AppProcess {
  readonly pid: number;
  /** Opaque; with the pid it tells which process is meant. */
  readonly startTime: string;
}

interface Sight extends AppProcess {
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

/**
 * The processes that belong to one that was started, itself included: its process group, its descendants, and whatever
 * carries its token. A process that left the group (`setsid`) or whose parent has ended is found by the others.
 *
 * Only Linux can tell. Elsewhere it is the process alone, and the process group is what is signalled.
 */
export class ProcessFamily {
  readonly #leader: ProcessIdentity;
  readonly #entry: Buffer;
  /** Start times of those that were seen to belong: a parent that ends takes nobody out. */
  readonly #known = new Map<number, string>();
  /** Start times of those whose environment was read and has no token. */
  readonly #strangers = new Map<number, string>();

  constructor(leader: ProcessIdentity, token: string) {
    this.#leader = leader;
    this.#entry = Buffer.from(`${TOKEN_VARIABLE}=${token}\0`, "latin1");
  }

  /** Those that live now. */
  living(): AppProcess[] {
    if (process.platform !== "linux") {
      return identify(this.#leader.pid)?.startTime === this.#leader.startTime ? [this.#leader] : [];
    }
    const all = new Map(sights().map((sight) => [sight.pid, sight]));
    const ours = new Set([...all.values()].filter((sight) => this.#isOurs(sight, all)).map(({ pid }) => pid));
    for (let size = -1; size !== ours.size; ) {
      size = ours.size;
      for (const { pid, parent, session } of all.values())
        if (ours.has(parent) || ours.has(session)) ours.add(pid);
    }
    this.#known.clear();
    const found = [...ours].flatMap((pid) => all.get(pid) ?? []);
    for (const { pid, startTime } of found) this.#known.set(pid, startTime);
    for (const pid of this.#strangers.keys()) if (!all.has(pid)) this.#strangers.delete(pid);
    return found.filter(({ state }) => !"ZX".includes(state));
  }

  #isOurs(sight: Sight, all: ReadonlyMap<number, Sight>): boolean {
    const { pid, startTime, group } = sight;
    const { pid: leader, startTime: began } = this.#leader;
    if (this.#known.get(pid) === startTime) return true;
    const ticks = began.split("@")[0];
    if (pid === leader) return startTime === ticks;
    // The number of a group is not handed out again while somebody is in it.
    if (group === leader && (all.get(leader)?.startTime ?? ticks) === ticks) return true;
    return this.#hasToken(sight);
  }

  #hasToken({ pid, startTime }: Sight): boolean {
    if (this.#strangers.get(pid) === startTime) return false;
    try {
      const environment = readFileSync(`/proc/${pid}/environ`);
      if (environment.length === 0) return false; // it is becoming another program just now
      const at = environment.indexOf(this.#entry);
      if (at === 0 || (at > 0 && environment[at - 1] === 0)) return true;
    } catch {
      // ended meanwhile, or somebody else's: in either case none of ours
    }
    this.#strangers.set(pid, startTime);
    return false;
  }
}

function sights(): Sight[] {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? sightOf(Number(name)) : []));
}

function sightOf(pid: number): Sight[] {
  const field = statFieldsOf(pid);
  if (field === undefined) return []; // ended meanwhile
  return [
    {
      pid,
      state: field(3),
      parent: Number(field(4)),
      group: Number(field(5)),
      session: Number(field(6)),
      startTime: field(22),
    },
  ];
}

/** How much memory it takes (`VmRSS`); 0 where it has ended, or nobody can tell. */
export function rssBytesOf({ pid }: AppProcess): number {
  try {
    const kB = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
    return Number(kB ?? 0) * 1024;
  } catch {
    return 0;
  }
}
