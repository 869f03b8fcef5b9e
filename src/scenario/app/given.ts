import { resolve } from "node:path";
import { DrillError } from "../../model/errors.ts";
import { type Scenario, scenarioSchema } from "../schema.ts";
import { asInput } from "../written.ts";
import { described } from "../yaml-file.ts";
import { isSteady } from "./probe-schema.ts";
import { requestOf } from "./request.ts";

/** An application as a command line gives it. */
export interface GivenApp {
  /** A command line, or the URL of what runs already. */
  readonly app?: string;
  /** `POST /orders {"id": "{{unique}}"}`, or with a name before it: `order=POST /orders`. */
  readonly probes?: readonly string[];
  /** `NAME=VALUE` */
  readonly env?: readonly string[];
  readonly presets?: readonly string[];
  /** A path or URL that answers 2xx, or a pattern of its output: `/listening/`. */
  readonly ready?: string;
  readonly instances?: number;
}

/** Longest that an application may take to recover at the end of a drill that does not wait for it itself. */
const RECOVERS_WITHIN_MS = 30_000;

/**
 * The scenario with an application in place of its own, or with the one that it has told more. A drill that does not
 * wait for the application to recover waits for it at its end: else nobody could tell whether it is stuck.
 *
 * @param folder where its commands run
 * @throws DrillError `BAD_USAGE`
 */
export function withGivenApp(scenario: Scenario, given: GivenApp, folder: string): Scenario {
  const { app: start, probes = [], env = [], presets = [], ready, instances } = given;
  const isMore = probes.length > 0 || env.length > 0 || presets.length > 0 || ready !== undefined;
  if (start === undefined && !isMore && instances === undefined) return scenario;
  if (start === undefined && scenario.app === undefined) {
    throw new DrillError("BAD_USAGE", `${scenario.name} has no application that this could be of`, {
      hint: "Give one: --app 'node server.js', or app: in the scenario.",
    });
  }
  const written = asInput(scenario) as Written;
  const { app: own = {}, probes: ownProbes = [] } = written;
  const { command, url, ...rest } = own;
  const started = start === undefined ? { command, url } : startOf(start, folder);
  const app = {
    ...rest,
    ...Object.fromEntries(Object.entries(started).filter(([, value]) => value !== undefined)),
    env: { ...own.env, ...(presets.length > 0 && { preset: presets }), ...variables(env) },
    ...(ready !== undefined && { ready: { ...own.ready, ...readyOf(ready) } }),
    ...(instances !== undefined && { instances }),
  };
  const names = new Set(ownProbes.map(({ name }) => name));
  const added = probes.map((text) => probeOf(text, names));
  const parsed = scenarioSchema.safeParse({ ...written, app, probes: [...ownProbes, ...added] });
  if (!parsed.success) throw unfit(parsed.error.issues);
  const { app: read, probes: all } = parsed.data;
  return {
    ...scenario,
    ...(read && { app: read }),
    probes: all,
    steps: waited({ ...scenario, probes: all }),
  };
}

interface Written {
  readonly app?: Readonly<Record<string, unknown>> & { readonly env?: object; readonly ready?: object };
  readonly probes?: readonly { readonly name: string }[];
}

function startOf(text: string, folder: string) {
  return /^https?:\/\//.test(text) ? { url: text, cwd: folder } : { command: text, cwd: resolve(folder) };
}

function readyOf(text: string) {
  return /^\/.+\/[a-z]*$/.test(text) ? { stdout: text } : { http: text };
}

function variables(env: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    env.map((text) => {
      const at = text.indexOf("=");
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw new DrillError("BAD_USAGE", `--app-env "${text}": give NAME=VALUE`);
    }),
  );
}

/** Its name is given, or made of what it asks: `post-orders`. */
function probeOf(text: string, taken: Set<string>): { name: string; http: string } {
  const [, given, line = text] = /^([a-z][a-z0-9-]*)=(.*)$/is.exec(text) ?? [];
  let base = given;
  if (base === undefined) {
    try {
      const { method, path } = requestOf(line);
      const words = path.replace(/\{\{.*?\}\}|\?.*$/g, "").match(/[a-z0-9]+/gi) ?? [];
      base = [method, ...words].join("-").toLowerCase().slice(0, 36);
    } catch {
      base = "probe"; // what is wrong with it is told where it is read
    }
  }
  let name = base;
  for (let n = 2; given === undefined && taken.has(name); n += 1) name = `${base}-${n}`;
  taken.add(name);
  return { name, http: line };
}

function waited({ steps, probes }: Scenario): Scenario["steps"] {
  const isAsked = probes.some(isSteady);
  const isWaitedFor = JSON.stringify(steps).includes('"app-recovered"');
  if (!isAsked || isWaitedFor) return steps;
  return [...steps, { action: "await", value: { condition: "app-recovered", within: RECOVERS_WITHIN_MS } }];
}

function unfit(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): DrillError {
  const told = issues.map(({ path, message }) => described(path, message));
  return new DrillError("BAD_USAGE", told.join("\n"), { hint: "docs/guide-app.md describes probes." });
}
