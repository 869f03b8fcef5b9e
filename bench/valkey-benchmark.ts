import { basename, dirname, join } from "node:path";
import { runProgram } from "../src/valkey/run-program.ts";
import type { ServerCommand, ValkeyServer } from "../src/valkey/server.ts";

export interface BenchmarkRun {
  readonly host: string;
  readonly port: number;
  /** Such as `-c 8 -P 1 -n 100000`. */
  readonly flags: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * SETs each second by the `valkey-benchmark` that stands beside the server's CLI.
 *
 * @throws Error if there is none, or it says nothing of SET
 */
export async function setsPerSecond(server: ValkeyServer, run: BenchmarkRun): Promise<number> {
  if (!server.cli) throw new Error("no valkey-benchmark stands beside this server");
  const { command, args, env } = besideCli(server.cli);
  const words = ["-h", run.host, "-p", String(run.port), "-t", "set", "-q", "--csv", ...run.flags];
  const done = await runProgram(command, [...args, ...words], {
    env: { ...process.env, ...env },
    timeoutMs: 120_000,
    signal: run.signal,
  });
  const rate = Number(/^"SET[^"]*","([\d.]+)"/m.exec(done.stdout)?.[1]);
  if (!(rate > 0)) throw new Error(`valkey-benchmark: ${done.problem ?? done.stderr}${done.stdout}`);
  return rate;
}

function besideCli({ command, args, env }: ServerCommand): ServerCommand {
  const beside = (path: string) => join(dirname(path), basename(path).replace(/-cli$/, "-benchmark"));
  const last = args.at(-1);
  return last === undefined
    ? { command: beside(command), args, env }
    : { command, args: [...args.slice(0, -1), beside(last)], env };
}
