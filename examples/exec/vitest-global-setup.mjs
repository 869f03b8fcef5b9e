/**
 * The `globalSetup` of vitest.config.mjs. Tests share one topology, so test files run one after the other.
 *
 *     valkey-drill exec ha -- npx vitest run
 */
import { writeFile } from "node:fs/promises";
import { history, topology } from "./drill.mjs";

/** Before all tests: is the topology there and whole? After them its history is kept, for whoever asks why. */
export default async function setup() {
  const { nodes } = await topology();
  const away = nodes.filter(({ reachable }) => !reachable).map(({ name }) => name);
  if (away.length > 0) throw new Error(`these nodes do not answer: ${away.join(", ")}`);
  return async () => writeFile("drill-history.jsonl", await history());
}
