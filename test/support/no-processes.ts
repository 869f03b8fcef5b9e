import childProcess from "node:child_process";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";

/*
 * Tests of the project `unit` compute: they start no process and listen at no port, so they are quick and say the same
 * on a busy machine. Here that is enforced, for whatever they call. What needs either is `x.integration.test.ts`.
 */
const STARTS = ["exec", "execFile", "execFileSync", "execSync", "fork", "spawn", "spawnSync"] as const;

for (const name of STARTS) {
  childProcess[name] = ((program: unknown) => {
    throw notHere(`start ${String(program)}`);
  }) as never;
}
net.Server.prototype.listen = () => {
  throw notHere("listen at a port");
};
syncBuiltinESMExports();

function notHere(what: string): Error {
  return new Error(
    `a test of the project "unit" may not ${what}: name its file x.integration.test.ts (CONTRIBUTING.md, The checks)`,
  );
}
