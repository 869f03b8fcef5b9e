import { type Build, build } from "./build.ts";

let built: Build | undefined;

/**
 * The program of an app client, and libraries that misbehave, in a form that this Node can run: Node 20 runs no TypeScript. Compiled by
 * the first test that needs it.
 */
export function appClientProgram(): { readonly program: string; readonly fakes: string } {
  built ??= build(["bakeoff/child/main", "bakeoff/fakes.test-data"]);
  return { program: built.module("bakeoff/child/main"), fakes: built.module("bakeoff/fakes.test-data") };
}
