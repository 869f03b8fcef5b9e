import { DrillError } from "../model/errors.ts";
import type { ConfigOrigin } from "./config-fields.ts";
import type { Directive, ReadConfig } from "./config-file.ts";
import { nameOfToday } from "./config-text.ts";
import { type Replaced, replaced, whyOwned } from "./owned.ts";
import { LEAST_MS, MOST_MS, type TopologySpec } from "./spec.ts";

type Values = Record<string, string | string[]>;

/**
 * The topology with what a valkey.conf says. What it sets holds over the fields of the topology of the same meaning,
 * and `config` over it. What it does not set is as the server has it by itself.
 */
export function withServerConfig(spec: TopologySpec, read: ReadConfig): TopologySpec {
  const collected = new Collected();
  const fields: { nodeTimeoutMs?: number; requireFullCoverage?: boolean } = {};
  for (const directive of read.directives) {
    const name = nameOfToday(directive.name);
    const why = whyOwned(name);
    if (why === undefined) collected.places.set(name, directive.place); // by its name as well: a field may take it over
    if (why !== undefined) collected.replace(directive, why);
    else if (spec.kind === "cluster" && name === "cluster-node-timeout")
      fields.nodeTimeoutMs = millisecondsOf(directive);
    else if (spec.kind === "cluster" && name === "cluster-require-full-coverage")
      fields.requireFullCoverage = yesOrNo(directive);
    else collected.add(name, directive.name, directive.written.join(" "), directive.place);
  }
  const notes = [...read.notes];
  if (spec.kind === "cluster" && fields.nodeTimeoutMs === undefined)
    notes.push(unset("cluster-node-timeout", `${spec.nodeTimeoutMs} ms`, "15000 ms"));
  const own = new Set(Object.keys(spec.config).map(nameOfToday));
  const config = { ...collected.values((name) => !own.has(nameOfToday(name))), ...spec.config };
  const whole = {
    config,
    configFile: undefined,
    defaults: spec.defaults ?? "server",
    ...originWith(spec, collected, notes, read),
  };
  return spec.kind === "ha" ? { ...spec, ...whole } : { ...spec, ...fields, ...whole };
}

/** A note that the topology's own value holds. */
export function unset(name: string, value: string, byDefault: string): string {
  return `${name} is not set in the file: the topology's ${value} holds (the server's default: ${byDefault})`;
}

/** A time of a directive. @throws DrillError `BAD_CONFIG` */
export function millisecondsOf({ name, args, place }: Directive, at = 0): number {
  const text = args[at] ?? "";
  const value = Number(text);
  if (/^\d+$/.test(text) && args.length === at + 1 && value >= LEAST_MS && value <= MOST_MS) return value;
  throw new DrillError(
    "BAD_CONFIG",
    `${place}: ${[name, ...args].join(" ")}: must be whole milliseconds from ${LEAST_MS} to ${MOST_MS}`,
  );
}

function yesOrNo({ name, args, place }: Directive): boolean {
  const [value = ""] = args.map((text) => text.toLowerCase());
  if (args.length === 1 && ["yes", "no"].includes(value)) return value === "yes";
  throw new DrillError("BAD_CONFIG", `${place}: ${[name, ...args].join(" ")}: must be yes or no`);
}

/** Directives of files, and where each stands. */
export class Collected {
  readonly #of = new Map<string, { name: string; lines: string[] }>();
  readonly places = new Map<string, string>();
  readonly replaced: Replaced[] = [];

  /** A repeated directive stays repeated, in its order: which of them count is for the server to say. */
  add(key: string, name: string, value: string, place: string, line = `${name} ${value}`): void {
    const known = this.#of.get(key) ?? { name, lines: [] };
    known.lines.push(value);
    this.#of.set(key, known);
    this.places.set(line, place);
  }

  replace(directive: Directive, why: string): void {
    this.replaced.push(replaced(directive, why));
  }

  values(isKept: (name: string) => boolean): Values {
    const kept = [...this.#of.values()].filter(({ name }) => isKept(name));
    return Object.fromEntries(
      kept.map(({ name, lines }) => [name, lines.length > 1 ? lines : (lines[0] as string)]),
    );
  }
}

/** What was read before, and this. */
export function originWith(
  { origin }: ConfigOrigin,
  { places, replaced: gone }: Collected,
  notes: readonly string[],
  { files, directives }: ReadConfig,
): Required<ConfigOrigin> {
  return {
    origin: {
      files: [...(origin?.files ?? []), ...files],
      held: (origin?.held ?? 0) + directives.length - gone.length,
      places: new Map([...(origin?.places ?? []), ...places]),
      replaced: [...(origin?.replaced ?? []), ...gone],
      notes: [...(origin?.notes ?? []), ...notes],
    },
  };
}
