import { z } from "zod";

const text = z.string().min(1).max(500);
const options = z.record(z.string().max(60), z.union([z.string().max(2000), z.number(), z.boolean()]));

/** What the page may order, by the last part of the path; each is a POST with such a body. */
export const COMMANDS = {
  /** Targets are names of nodes, or of links (`A>B`): what a name means does not change with roles. */
  inject: z.strictObject({
    fault: text,
    targets: z.array(text).min(1).max(20_000),
    options: options.default({}),
  }),
  /** One fault by its id; without it all that are in force, the last first. */
  heal: z.strictObject({ id: z.int().min(1).optional() }),
  start: z.strictObject({ workload: text, client: text, options: options.default({}) }),
  stop: z.strictObject({}),
  /** What each node holds under a key. Changes nothing, but the key is no business of a log of addresses. */
  look: z.strictObject({ key: text }),
  /** An instance of the application is ended and started anew. */
  "restart-app": z.strictObject({ instance: text }),
  "export-run": z.strictObject({}),
  "export-scenario": z.strictObject({}),
} as const;

export type CommandName = keyof typeof COMMANDS;
export type Command<Name extends CommandName> = z.infer<(typeof COMMANDS)[Name]>;

/**
 * Carries out what the page orders, as far as it can be ordered. What it returns is shown.
 *
 * @throws DrillError what is shown as refused
 */
export type LiveControl = {
  readonly [Name in CommandName]?: (command: Command<Name>) => Promise<CommandAnswer<Name>>;
};

interface Answers {
  inject: { readonly targets: readonly string[] };
  heal: { readonly healed: readonly string[] };
  start: Record<string, never>;
  stop: Record<string, never>;
  look: {
    readonly slot: number | null;
    readonly nodes: readonly { readonly node: string; readonly role: string; readonly value: string }[];
  };
  "restart-app": Record<string, never>;
  "export-run": {
    readonly id: string;
    readonly dir: string;
    readonly verdict: string;
    /** What stands behind the verdict, where the drill let something go. */
    readonly accepted: string;
    /** Its page, on disk. */
    readonly report: string;
  };
  "export-scenario": { readonly name: string; readonly yaml: string };
}

export type CommandAnswer<Name extends CommandName> = Answers[Name];

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}
