import { messageOf } from "../../src/model/errors.ts";
import { findServer } from "../../src/valkey/find.ts";

/** Before all tests: fetched once, so that no two files of tests each fetch a server at the same time. */
export async function setup(): Promise<void> {
  await findServer({}).catch((error: unknown) => {
    // The tests that need a server say so themselves; those that need none shall run.
    process.stderr.write(`no server for the tests: ${messageOf(error)}\n`);
  });
}
