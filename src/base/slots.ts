import type { ShardPlan, SlotRange } from "../model/plan.ts";

/** Hash slots of a cluster. https://valkey.io/topics/cluster-spec/ */
export const SLOT_COUNT = 16_384;

/**
 * The hash slot of a key, 0 to 16383: the CRC16 of its hash tag, or of the whole key where it has none.
 * https://valkey.io/topics/cluster-spec/#hash-tags
 */
export function keySlot(key: string): number {
  return crc16(Buffer.from(hashTag(key) ?? key)) % SLOT_COUNT;
}

/**
 * What stands between the first `{` and the first `}` after it. Nothing between them is no tag, and no later one is
 * looked for.
 */
function hashTag(key: string): string | undefined {
  const open = key.indexOf("{");
  const close = open < 0 ? -1 : key.indexOf("}", open);
  return close > open + 1 ? key.slice(open + 1, close) : undefined;
}

/**
 * CRC-16/XMODEM, of the key as UTF-8:
 * https://valkey.io/topics/cluster-spec/#appendix-a-crc16-reference-implementation-in-ansi-c
 */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) ^ (CRC_TABLE[(crc >> 8) ^ byte] as number)) & 0xffff;
  return crc;
}

/** What each byte adds. */
const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0);
  return crc;
});

/** Does one of the ranges hold the slot? */
export function inRanges(slot: number, ranges: readonly SlotRange[]): boolean {
  return ranges.some(([first, last]) => slot >= first && slot <= last);
}

/**
 * The planned shard that holds the key; `undefined` in HA, where there are none. Slots stay with their shard through a
 * failover.
 */
export function shardOfKey(key: string, shards: readonly ShardPlan[]): number | undefined {
  if (shards.length === 0) return undefined;
  const slot = keySlot(key);
  return shards.find((shard) => inRanges(slot, shard.slots))?.shard;
}

/** The shortest numbered key `{<prefix>:<n>}` whose slot lies in the ranges. @throws RangeError if they are empty */
export function keyInRanges(prefix: string, ranges: readonly SlotRange[]): string {
  // Slots are as good as random: a single slot is hit after 16384 tries on average, missed after a million once in
  // 10^26.
  for (let n = 0; n < 1_000_000; n += 1) {
    const key = `{${prefix}:${n}}`;
    if (inRanges(keySlot(key), ranges)) return key;
  }
  throw new RangeError(`no key for slots ${JSON.stringify(ranges)}`);
}
