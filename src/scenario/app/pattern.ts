import { z } from "zod";
import { messageOf } from "../../model/errors.ts";
import { withInput } from "../with-input.ts";

/** A regular expression as a scenario holds it once it is read: `/listening/i`. */
export type Pattern = string;

/** `/listening/i` is a regular expression; a text without slashes is looked for as it is. */
export const patternSchema = withInput<string | RegExp>()(
  z.union([z.string(), z.instanceof(RegExp)]).transform((given, context): Pattern => {
    const text = typeof given === "string" && !given.startsWith("/") ? `/${escaped(given)}/` : String(given);
    try {
      regexOf(text);
      if (given !== "") return text;
      context.addIssue({ code: "custom", message: "is empty: it would match every line" });
    } catch (error) {
      context.addIssue({ code: "custom", message: `"${text}": ${messageOf(error)}` });
    }
    return z.NEVER;
  }),
);

/** What a pattern matches. @throws Error if it is none */
export function regexOf(pattern: Pattern): RegExp {
  const [, source, flags = ""] = /^\/(.*)\/([a-z]*)$/s.exec(pattern) ?? [];
  if (source === undefined)
    throw new SyntaxError('a regular expression ends with a slash, as in "/listening/"');
  const unfit = /[^gimsu]/.exec(flags)?.[0];
  if (unfit) throw new SyntaxError(`the flag ${unfit} is not supported`);
  return new RegExp(source, flags);
}

/** Names of its groups. */
export function groupsOf(pattern: Pattern): string[] {
  return [...pattern.matchAll(/\(\?<([A-Za-z_]\w*)>/g)].map(([, name = ""]) => name);
}

function escaped(text: string): string {
  return text.replace(/[/\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
