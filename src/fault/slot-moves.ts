/*
 *   destination ◀─ SETSLOT IMPORTING      one slot:  source ─ MIGRATE its keys ─▶ destination ─ SETSLOT NODE (both)
 *   source      ◀─ SETSLOT MIGRATING      or, from Valkey 9 on, CLUSTER MIGRATESLOTS: all of them, atomically
 */
import { z } from "zod";
import { inRanges } from "../base/slots.ts";
import { pause, waitFor } from "../base/wait.ts";
import { nodeOf } from "../driver/driver.ts";
import { announcedOf } from "../model/addresses.ts";
import { DrillError, messageOf } from "../model/errors.ts";
import { authWords } from "../valkey/auth-words.ts";
import { type ClusterNodeLine, parseClusterNodes } from "../valkey/replies.ts";
import type { FaultContext } from "./fault.ts";
import { replicationOf, shardMates, untilPrimary } from "./node-roles.ts";

/** Keys that one MIGRATE takes. */
const KEYS_AT_ONCE = 100;
/** A SETSLOT is answered once the replicas have it: several wait together. */
const SLOTS_AT_ONCE = 32;
const MIGRATE_MS = 10_000;
const ATOMIC_MS = 60_000;
const PRIMARY_MS = 30_000;

/** Slots on their way from the shard of one node to that of another. */
export interface Move {
  /** Any node of the shard that gives, and of that which takes: who is its primary is found when it is needed. */
  readonly from: string;
  readonly to: string;
  readonly slots: readonly number[];
  readonly how: "migrate" | "atomic";
  /** Pause after each slot, so that a fault finds the move under way. `migrate` only. */
  readonly perSlotMs: number;
}

/** What a fault remembers of them. */
export const moveSchema = z.custom<Move>((value) => typeof value === "object" && value !== null);

/**
 * The last `slots` of those that the target's shard has now, to another one.
 *
 * @throws DrillError `BAD_USAGE` where there is no such shard, or it is the target's own
 */
export async function planMove(
  context: FaultContext,
  target: string,
  { toShard, slots }: { readonly toShard: number; readonly slots: number },
): Promise<Pick<Move, "from" | "to" | "slots">> {
  const taker = context.topology.plan.shards.find(({ shard }) => shard === toShard);
  if (!taker) throw new DrillError("BAD_USAGE", `there is no shard ${toShard}`);
  const from = await primaryNow(context, target);
  const to = await primaryNow(context, taker.primary);
  if (from === to) throw new DrillError("BAD_USAGE", `${target} is in shard ${toShard} already`);
  return { from, to, slots: slotsOf(await ownSlots(context, from)).slice(-slots) };
}

/** Moves what is not moved yet; can be called again after it was interrupted by a lost node. */
export async function moveSlots(context: FaultContext, move: Move): Promise<void> {
  const [from, to] = [await primaryNow(context, move.from), await primaryNow(context, move.to)];
  const taken = await ownSlots(context, to);
  const left = move.slots.filter((slot) => !inRanges(slot, taken));
  if (left.length === 0) return;
  await Promise.all([untilKnown(context, to, from), untilKnown(context, from, to)]);
  if (move.how === "atomic") return atomically(context, from, to, left);
  const atOnce = move.perSlotMs > 0 ? 1 : SLOTS_AT_ONCE;
  for (let at = 0; at < left.length; at += atOnce) {
    context.signal.throwIfAborted();
    await Promise.all(left.slice(at, at + atOnce).map((slot) => moveSlot(context, slot, from, to)));
    if (move.perSlotMs > 0) await pause(move.perSlotMs, context.signal);
  }
}

/**
 * Moves until it is done, or until a node was lost on the way: that is what a drill wants to see, and healing finishes
 * it.
 *
 * @returns what stopped it
 * @throws what stopped it, if both primaries still answer: then it is no fault's doing
 */
export async function moveUntilLost(
  context: FaultContext,
  moves: readonly Move[],
): Promise<string | undefined> {
  for (const move of moves) {
    try {
      await moveSlots(context, move);
    } catch (error) {
      context.signal.throwIfAborted();
      const said = await Promise.all([move.from, move.to].map((node) => replicationOf(context, node)));
      if (said.every((one) => one?.role === "primary")) throw error;
      return messageOf(error);
    }
  }
  return undefined;
}

/**
 * After a failover the new primary is one by its own account first: another refuses `SETSLOT` with it until it has
 * heard.
 */
async function untilKnown(
  { admins, topology, signal }: FaultContext,
  by: string,
  primary: string,
): Promise<void> {
  const { id } = nodeOf(topology.plan, primary);
  await waitFor(
    async () => {
      const lines = parseClusterNodes(await admins.of(by).call(["CLUSTER", "NODES"]));
      const role = lines.find((line) => line.id === id)?.role;
      return role === "primary"
        ? { done: true, value: undefined }
        : { done: false, seen: `${role ?? "unknown"} there` };
    },
    { what: `${by} to know that ${primary} is a primary`, timeoutMs: PRIMARY_MS, signal },
  );
}

/** By what a fault of slots remembers: was it done to its end, and no lost node stopped it? */
export function movesAreDone(remembered: unknown): boolean {
  return (remembered as { readonly stopped?: string } | undefined)?.stopped === undefined;
}

async function moveSlot(context: FaultContext, slot: number, from: string, to: string): Promise<void> {
  await openSlot(context, slot, from, to, 1);
  const id = nodeOf(context.topology.plan, to).id as string;
  // The new owner first: it takes a new epoch, which wins everywhere.
  for (const node of [to, from]) await context.admins.of(node).call(["CLUSTER", "SETSLOT", slot, "NODE", id]);
}

/**
 * Opens a slot at both ends, and moves so many of its keys: 1 is all of them, those that are written meanwhile as well.
 */
export async function openSlot(
  { topology, admins }: FaultContext,
  slot: number,
  from: string,
  to: string,
  share: number,
): Promise<void> {
  const idOf = (name: string) => nodeOf(topology.plan, name).id as string;
  await admins.of(to).call(["CLUSTER", "SETSLOT", slot, "IMPORTING", idOf(from)]);
  await admins.of(from).call(["CLUSTER", "SETSLOT", slot, "MIGRATING", idOf(to)]);
  const count = Number(await admins.of(from).call(["CLUSTER", "COUNTKEYSINSLOT", slot]));
  const { host, port } = announcedOf(nodeOf(topology.plan, to).endpoint);
  const { login } = admins.of(to).access;
  const asAdmin = login ? [login.user === undefined ? "AUTH" : "AUTH2", ...authWords(login)] : [];
  for (let left = share === 1 ? Infinity : Math.ceil(count * share); left > 0; ) {
    const most = Math.min(KEYS_AT_ONCE, left);
    const keys = (await admins.of(from).call(["CLUSTER", "GETKEYSINSLOT", slot, most])) as string[];
    if (keys.length === 0) return;
    const migrate = ["MIGRATE", host, port, "", 0, MIGRATE_MS, ...asAdmin, "KEYS", ...keys];
    await admins.of(from).call(migrate, MIGRATE_MS + 1000);
    left -= keys.length;
  }
}

/** https://valkey.io/topics/atomic-slot-migration/ */
async function atomically(
  context: FaultContext,
  from: string,
  to: string,
  slots: readonly number[],
): Promise<void> {
  const { admins, topology, signal } = context;
  const ranges = rangesOf(slots).flat();
  await admins
    .of(from)
    .call([
      "CLUSTER",
      "MIGRATESLOTS",
      "SLOTSRANGE",
      ...ranges,
      "NODE",
      nodeOf(topology.plan, to).id as string,
    ]);
  await waitFor(
    async () => {
      const owned = await ownSlots(context, to);
      const left = slots.filter((slot) => !inRanges(slot, owned)).length;
      return left === 0
        ? { done: true, value: undefined }
        : { done: false, seen: `${left} slots are not there yet` };
    },
    { what: `${slots.length} slots to be at ${to}`, timeoutMs: ATOMIC_MS, signal },
  );
}

/**
 * Valkey 9.0 and later migrate slots atomically.
 *
 * @throws DrillError `BAD_USAGE` where that is asked of a server that cannot
 */
export async function howToMove(
  { admins }: FaultContext,
  node: string,
  wanted: "auto" | Move["how"],
): Promise<Move["how"]> {
  if (wanted === "migrate") return wanted;
  const help = (await admins.of(node).call(["CLUSTER", "HELP"])) as string[];
  if (help.some((line) => line.toUpperCase().includes("MIGRATESLOTS"))) return "atomic";
  if (wanted === "auto") return "migrate";
  throw new DrillError("BAD_USAGE", "this server cannot migrate slots atomically", {
    hint: "Use --valkey 9.1.",
  });
}

/** The slots that the node serves by its own account. */
export async function ownSlots({ admins }: FaultContext, node: string): Promise<ClusterNodeLine["slots"]> {
  const lines = parseClusterNodes(await admins.of(node).call(["CLUSTER", "NODES"]));
  return lines.find(({ myself }) => myself)?.slots ?? [];
}

/** Who is the primary of that node's planned shard now. @throws DrillError `DEADLINE` if nobody comes to be */
export function primaryNow(context: FaultContext, node: string): Promise<string> {
  return untilPrimary(context, shardMates(context, node), PRIMARY_MS);
}

/** All slots of the ranges, ascending. */
export function slotsOf(ranges: ClusterNodeLine["slots"]): number[] {
  return ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, n) => first + n));
}

function rangesOf(slots: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const slot of slots.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && last[1] === slot - 1) last[1] = slot;
    else ranges.push([slot, slot]);
  }
  return ranges;
}
