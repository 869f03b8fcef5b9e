import { z } from "zod";
import { durationSchema } from "../duration.ts";
import { withInput } from "../with-input.ts";
import { patternSchema } from "./pattern.ts";

const SIGNALS = ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGKILL"] as const;
const MOST_INSTANCES = 20;

const variable = withInput<string | number | boolean>()(
  z.union([z.string(), z.number(), z.boolean()]).transform(String),
);

const presets = withInput<string | readonly string[]>()(
  z.union([
    z
      .string()
      .min(1)
      .transform((one) => [one]),
    z.array(z.string().min(1)),
  ]),
);

/** `preset` is no variable: lower-case names of variables are taken as they are, this one is not. */
const env = withInput<{ readonly preset?: string | readonly string[] } & Readonly<Record<string, Value>>>()(
  z
    .object({ preset: presets.optional().describe("Variables that a library or framework reads.") })
    .catchall(variable)
    .transform(({ preset = [], ...set }) => ({ presets: preset, set: set as Record<string, string> })),
);
type Value = string | number | boolean | readonly string[] | undefined;

const ready = z.strictObject({
  http: z
    .string()
    .regex(/^(\/|https?:\/\/)/, 'must be a path, as "/health", or a URL')
    .optional()
    .describe("Asked until it answers 2xx."),
  stdout: patternSchema.optional().describe("A line of its output: /listening/."),
  within: durationSchema.prefault("60s"),
});

/** An application under the drill. */
export const appSchema = z
  .strictObject({
    command: z
      .string()
      .min(1)
      .optional()
      .describe("A command line, which /bin/sh runs; started once for each instance."),
    url: z
      .string()
      .regex(/^https?:\/\/[^\s/]+/, "must be a URL, as http://127.0.0.1:3000")
      .optional()
      .describe("Where an application runs already: nothing is started or stopped."),
    cwd: z
      .string()
      .min(1)
      .default(".")
      .describe("The folder in which commands run; relative to the scenario."),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .describe("The first instance's port, the others have those after it. Default: free ones."),
    env: env.prefault({}).describe("Environment variables; templates such as {{sentinels}} are filled in."),
    ready: ready.optional().describe("When it can be asked. Default: it listens at its port."),
    instances: z.int().min(1).max(MOST_INSTANCES).default(1),
    restart: z
      .enum(["never", "on-exit"])
      .default("never")
      .describe("on-exit: an instance that ends by itself is started again, as a supervisor does."),
    stop: z
      .strictObject({
        signal: z.enum(SIGNALS).default("SIGTERM"),
        within: durationSchema.prefault("10s").describe("Then it is killed."),
      })
      .prefault({}),
  })
  .superRefine((app, context) => {
    const say = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
    if ((app.command === undefined) === (app.url === undefined))
      say(
        [],
        `an application has one of command and url; ${app.url === undefined ? "none is" : "both are"} given`,
      );
    if (app.ready?.http !== undefined && app.ready.stdout !== undefined)
      say(["ready"], "give http or stdout, not both");
    if (app.url === undefined) return;
    if (app.ready?.stdout !== undefined)
      say(["ready", "stdout"], "what runs already has no output that could be read; give http");
    if (app.instances > 1) say(["instances"], "what runs already is one address, and so one instance");
    if (app.port !== undefined) say(["port"], "the port of what runs already stands in its url");
    if (Object.keys(app.env.set).length > 0 || app.env.presets.length > 0)
      say(["env"], "what runs already has its own environment variables");
  });

/** An application under the drill, every default filled in. Times in ms. */
export type AppSpec = z.output<typeof appSchema>;
