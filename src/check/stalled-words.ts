import { stallLength } from "../history/stalls.ts";
import { duration } from "./checker.ts";
import { toMs } from "./facts.ts";
import type { Stall } from "./stalls.ts";

/** `valkey-drill itself stood still for 8.01 s from 3.20 s on`: the longest of them, and how many there are. */
export function stalledWords(stalls: readonly Stall[]): string {
  const [longest] = stalls.toSorted((a, b) => stallLength(b) - stallLength(a));
  if (!longest) return "valkey-drill itself stood still";
  const told = `valkey-drill itself stood still for ${duration(stallLength(longest) / 1e6)} from ${duration(toMs(longest.from))} on`;
  return stalls.length === 1 ? told : `${told} (${stalls.length} times in all)`;
}
