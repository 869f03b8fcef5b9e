import { DrillError } from "../model/errors.ts";
import type { NodePlan } from "../model/plan.ts";
import type { ConfigRefusal, Rehearsal, Rehearsed } from "./driver.ts";

/*
 * A server reads its configuration file from the first line to the last, and ends at the first that it does not take,
 * with the line and why. So a last line that no server takes makes it read all the others and end, before it opens a
 * port or a file.
 */
const LAST: Readonly<Record<NodePlan["program"], string>> = {
  server: "valkey-drill-has-no-such-directive yes",
  // Lines of `sentinel` are read after all others.
  sentinel: "sentinel valkey-drill-has-no-such-directive yes",
};

/**
 * See `Driver.refusalOf`.
 *
 * @throws DrillError `START_FAILED` if it did not end as it should have
 */
export async function refusalBy(
  rehearse: (rehearsal: Rehearsal) => Promise<Rehearsed>,
  program: NodePlan["program"],
  lines: readonly string[],
): Promise<ConfigRefusal | undefined> {
  const text = `${[...lines, LAST[program]].join("\n")}\n`;
  const { log } = await rehearse({ program, files: { "node.conf": text }, commands: [] });
  const said =
    /FATAL CONFIG FILE ERROR \((?:Version|Redis|Valkey) ([^)]*)\) \*{3}\s+Reading the configuration file, at line (\d+)\s+>>> '(?:.*)'\s+(.*)/.exec(
      log,
    );
  if (!said) {
    throw new DrillError("START_FAILED", "the server did not say whether it takes the configuration", {
      hint: log.trim() || "it printed nothing",
    });
  }
  const [, version = "", line = "", words = ""] = said;
  return Number(line) > lines.length ? undefined : { version, line: Number(line), words: words.trim() };
}
