import { styleText } from "node:util";

/** The few ways in which text is set off. Named by meaning, so that a report reads the same without colour. */
export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  doubt(text: string): string;
  accent(text: string): string;
  strong(text: string): string;
  faint(text: string): string;
}

/**
 * Whether a stream gets colour: `NO_COLOR` (https://no-color.org) forbids it, `FORCE_COLOR` asks for it,
 * else a terminal that is not `dumb` gets it.
 */
export function wantsColour(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return !["0", "false"].includes(env.FORCE_COLOR);
  return stream.isTTY === true && env.TERM !== "dumb";
}

/**
 * The paint to write with. Whether there is colour was decided before ({@link wantsColour}); `styleText` must
 * not decide again, since it would look at standard output even where we write to standard error.
 */
export function painter(colour: boolean): Paint {
  const style = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    colour && text !== "" ? styleText(format, text, { validateStream: false }) : text;
  return {
    good: style("green"),
    bad: style("red"),
    doubt: style("yellow"),
    accent: style("cyan"),
    strong: style("bold"),
    faint: style("dim"),
  };
}
