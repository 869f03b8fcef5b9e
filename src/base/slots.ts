import calculateSlot from "cluster-key-slot";
import type { ShardPlan, SlotRange } from "../model/plan.ts";

/** Hash slots of a cluster. https://valkey.io/topics/cluster-spec/ */
export const SLOT_COUNT = 16_384;

/** The hash slot of a key, 0 to 16383: CRC16 of the hash tag if there is one, else of the whole key. */
export function keySlot(key: string): number {
  // cluster-key-slot 1.1.2 reads on after an empty tag for another one; a server takes the whole key then.
  const open = key.indexOf("{");
  return open >= 0 && key[open + 1] === "}" ? crc16(key) % SLOT_COUNT : calculateSlot(key);
}

/** CRC-16/XMODEM, bit by bit: https://valkey.io/topics/cluster-spec/#appendix-a-crc16-reference-implementation-in-ansi-c */
function crc16(text: string): number {
  let crc = 0;
  for (const byte of Buffer.from(text)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return crc;
}

/** Does one of the ranges hold the slot? */
export function inRanges(slot: number, ranges: readonly SlotRange[]): boolean {
  return ranges.some(([first, last]) => slot >= first && slot <= last);
}

/** The planned shard that holds the key; `undefined` in HA, where there are none. Slots stay with their shard through a failover. */
export function shardOfKey(key: string, shards: readonly ShardPlan[]): number | undefined {
  if (shards.length === 0) return undefined;
  const slot = keySlot(key);
  return shards.find((shard) => inRanges(slot, shard.slots))?.shard;
}

/** The shortest numbered key `{<prefix>:<n>}` whose slot lies in the ranges. @throws RangeError if they are empty */
export function keyInRanges(prefix: string, ranges: readonly SlotRange[]): string {
  // Slots are as good as random: a single slot is hit after 16384 tries on average, missed after a million once in 10^26.
  for (let n = 0; n < 1_000_000; n += 1) {
    const key = `{${prefix}:${n}}`;
    if (inRanges(keySlot(key), ranges)) return key;
  }
  throw new RangeError(`no key for slots ${JSON.stringify(ranges)}`);
}
