import { DrillError } from "../model/errors.ts";
import type { NodePlan } from "../model/plan.ts";
import type { ConfigRefusal } from "./driver.ts";

/*
 * A server reads its configuration file from the first line to the last, and ends at the first that it does not take, with the line and
 * why. So a last line that no server takes makes it read all the others and end, before it opens a port or a file.
 */
const LAST: Readonly<Record<NodePlan["program"], string>> = {
  server: "valkey-drill-has-no-such-directive yes",
  // Lines of `sentinel` are read after all others.
  sentinel: "sentinel valkey-drill-has-no-such-directive yes",
};

/** The text of a file to try. */
export function configToTry(program: NodePlan["program"], lines: readonly string[]): string {
  return `${[...lines, LAST[program]].join("\n")}\n`;
}

/**
 * What a server said of such a file.
 *
 * @param output all that it printed
 * @param lines those that were tried
 * @throws DrillError `START_FAILED` if it did not end as it should have
 */
export function refusalIn(output: string, lines: readonly string[]): ConfigRefusal | undefined {
  const said =
    /FATAL CONFIG FILE ERROR \((?:Version|Redis|Valkey) ([^)]*)\) \*{3}\s+Reading the configuration file, at line (\d+)\s+>>> '(?:.*)'\s+(.*)/.exec(
      output,
    );
  if (!said) {
    throw new DrillError("START_FAILED", "the server did not say whether it takes the configuration", {
      hint: output.trim() || "it printed nothing",
    });
  }
  const [, version = "", line = "", words = ""] = said;
  return Number(line) > lines.length ? undefined : { version, line: Number(line), words: words.trim() };
}
