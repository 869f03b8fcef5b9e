#!/usr/bin/env node
import { exitCodeOf, tellError } from "./exit.ts";
import { createProgram } from "./program.ts";

try {
  const program = await createProgram(process.argv[2]);
  await program.parseAsync();
} catch (error) {
  tellError(error);
  process.exitCode = exitCodeOf(error);
}
