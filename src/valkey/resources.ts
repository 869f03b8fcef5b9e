import { readFileSync } from "node:fs";
import { freemem } from "node:os";
import { DrillError } from "../model/errors.ts";

/** An empty Valkey of a drill takes 5 to 10 MiB; a replica's full synchronisation forks, hence the margin. */
const BYTES_PER_NODE = 16 * 1024 * 1024;
/** What this process takes for itself. */
const OWN_BYTES = 64 * 1024 * 1024;
/** Connections to one node: clients, probe, admin, observer, and a proxy's two ends of each link. */
const FILES_PER_NODE = 12;
/** Log files, the history, the dashboard, and what Node opens itself. */
const OWN_FILES = 128;

export interface ResourceNeed {
  /** How many servers are to be started. */
  readonly nodes: number;
  /** Default: what this machine has now. */
  readonly availableBytes?: number;
  /** How many files a process may have open. Default: what holds for this process, where that can be known. */
  readonly openFiles?: number;
}

/**
 * Is there room for that many nodes?
 *
 * @throws DrillError `NO_RESOURCES` with what is needed, what there is, and what to do
 */
export function checkResources(need: ResourceNeed): void {
  const { nodes, availableBytes = availableMemoryBytes(), openFiles = openFileLimit() } = need;

  const bytes = memoryFor(nodes);
  if (bytes > availableBytes) {
    throw new DrillError(
      "NO_RESOURCES",
      `${nodes} nodes need about ${inMiB(bytes)} of memory, ${inMiB(availableBytes)} are available`,
      { hint: `Free some memory, or use fewer nodes: ${nodesInMemory(availableBytes)} would fit` },
    );
  }

  const files = openFilesFor(nodes);
  if (openFiles !== undefined && files > openFiles) {
    throw new DrillError(
      "NO_RESOURCES",
      `${nodes} nodes need about ${files} open files, a process may have ${openFiles}`,
      {
        hint:
          `Raise the limit in this shell (ulimit -n ${files}), or use fewer nodes: ${nodesInFiles(openFiles)} ` +
          `would fit`,
      },
    );
  }
}

/** Memory that many nodes and we ourselves take, in bytes. */
export function memoryFor(nodes: number): number {
  return nodes * BYTES_PER_NODE + OWN_BYTES;
}

/** Files that this process needs open to drive that many nodes. */
export function openFilesFor(nodes: number): number {
  return nodes * FILES_PER_NODE + OWN_FILES;
}

/** How many nodes fit into that much memory. */
export function nodesInMemory(bytes: number): number {
  return Math.max(0, Math.floor((bytes - OWN_BYTES) / BYTES_PER_NODE));
}

/** How many nodes can be driven with that many open files. */
export function nodesInFiles(openFiles: number): number {
  return Math.max(0, Math.floor((openFiles - OWN_FILES) / FILES_PER_NODE));
}

/**
 * Memory that can be had without swapping, in bytes: `MemAvailable` of /proc/meminfo, or what is left of the
 * container's limit (cgroup v2, reclaimable file cache not counted as used) if that is less; elsewhere `os.freemem()`.
 */
export function availableMemoryBytes(): number {
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(read("/proc/meminfo") ?? "")?.[1];
  const system = kib === undefined ? freemem() : Number(kib) * 1024;
  return Math.min(system, leftInContainer() ?? system);
}

/** The soft limit on open files of this process, from /proc/self/limits; undefined where that does not exist. */
export function openFileLimit(): number | undefined {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(read("/proc/self/limits") ?? "")?.[1];
  if (soft === undefined) return undefined;
  return soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft);
}

/** For people: `160 MiB`. */
export function inMiB(bytes: number): string {
  return `${Math.round(bytes / (1024 * 1024))} MiB`;
}

function leftInContainer(): number | undefined {
  const limit = Number(read("/sys/fs/cgroup/memory.max") ?? Number.NaN); // "max" where there is none
  const used = Number(read("/sys/fs/cgroup/memory.current") ?? Number.NaN);
  const cache = /^inactive_file (\d+)$/m.exec(read("/sys/fs/cgroup/memory.stat") ?? "")?.[1] ?? "0";
  const left = limit - used + Number(cache);
  return Number.isFinite(left) ? Math.max(0, left) : undefined;
}

/** These files exist on Linux only; whatever keeps them from being read means that nothing is known. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
