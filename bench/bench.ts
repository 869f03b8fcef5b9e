import type { Driver } from "../src/driver/driver.ts";
import type { ValkeyServer } from "../src/valkey/server.ts";
import type { BenchTable } from "./table.ts";

/** What a benchmark may use. It leaves nothing running, and nothing outside `dir`. */
export interface BenchContext {
  readonly server: ValkeyServer;
  readonly driver: Driver;
  /** A folder of its own, removed afterwards. */
  readonly dir: string;
  /** How often to measure, where it is not given by the benchmark. */
  readonly runs: number;
  readonly signal: AbortSignal;
  /** Says what is being done, for a person who waits. */
  readonly tell: (text: string) => void;
}

/** One question about speed. A new one is a file of its own and a line in `main.ts`. */
export interface Bench {
  readonly name: string;
  readonly summary: string;
  run(context: BenchContext): Promise<BenchTable>;
}
