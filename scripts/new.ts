import { execFileSync } from "node:child_process";
import { relative } from "node:path";
import { addNew, KINDS, type Kind } from "./new/add.ts";

// Adds a fault, a workload, a checker or a client library that works, to be made one's own: npm run new fault NAME
const [kind = "", name = "", ...more] = process.argv.slice(2);
if (!Object.hasOwn(KINDS, kind) || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || more.length > 0) {
  console.error(
    `npm run new ${Object.keys(KINDS).join("|")} NAME\nNAME: lower-case words with hyphens between`,
  );
  process.exit(64);
}
try {
  const { written, begins, next } = await addNew(process.cwd(), kind as Kind, name);
  execFileSync("npx", ["biome", "check", "--write", ...written], { stdio: "inherit" });
  console.log(written.map((path) => `wrote    ${relative(process.cwd(), path)}`).join("\n"));
  console.log(`\n${begins}\n\n${next.map((line) => `  ${line}`).join("\n")}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(64);
}
