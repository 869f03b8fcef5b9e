import { DrillError } from "../../model/errors.ts";
import type { Plan, TopologyKind } from "../../model/plan.ts";
import { addressList, type Places, placesOf } from "./places.ts";
import { presetNamed } from "./registry.ts";
import { fillTemplate } from "./template.ts";
import { topologyEnv } from "./topology-env.ts";
import { templateNames, templateValues } from "./values.ts";

/** Which environment variables an application is given besides those that are always set. */
export interface EnvChoice {
  /** Names of presets; a later one wins. */
  readonly presets?: readonly string[];
  /** Variables with templates as their values; they win over all others. */
  readonly set?: Readonly<Record<string, string>>;
}

/** What is always set, one or the other of these. A value from outside would lead an application elsewhere. */
const ALWAYS = ["REDIS_SENTINELS", "REDIS_SENTINEL_MASTER_NAME", "REDIS_CLUSTER_NODES"] as const;
const OURS =
  /^VALKEY_(KIND|NODES|SENTINELS|SENTINEL_GROUP|TLS(_CA|_CERT|_KEY)?|(SENTINEL_)?(USERNAME|PASSWORD))$/;

/**
 * The environment variables of an application: `topologyEnv`; `REDIS_SENTINELS` with `REDIS_SENTINEL_MASTER_NAME`, or
 * `REDIS_CLUSTER_NODES`; then the presets; then `set`.
 *
 * @param choice `more`: further values for templates, as `port`
 * @throws DrillError what `checkEnv` throws
 */
export function appEnv(
  plan: Plan,
  choice: EnvChoice & { readonly more?: Readonly<Record<string, string>> } = {},
): Record<string, string> {
  const { presets = [], set = {}, more = {} } = choice;
  checkEnv(plan.kind, choice, Object.keys(more));
  const places = placesOf(plan);
  const values = { ...templateValues(places), ...more };
  const given = Object.entries(set).map(([name, text]) => [name, fillTemplate(text, values, placeOf(name))]);
  return {
    ...topologyEnv(plan),
    ...alwaysSet(places),
    ...Object.assign({}, ...presets.map((name) => presetNamed(name).variables(places))),
    ...Object.fromEntries(given),
  };
}

/**
 * Would `appEnv` work on a topology of that kind? For what must be known before anything starts.
 *
 * @param more names of further values for templates
 * @throws DrillError `BAD_USAGE` for a preset that is not there, or is not for that kind of topology; for a name that
 *   no variable can have; for a template whose name is not there
 */
export function checkEnv(kind: TopologyKind, choice: EnvChoice, more: readonly string[] = []): void {
  for (const name of choice.presets ?? []) {
    const reason = presetNamed(name).misfit?.(kind);
    if (reason !== undefined) {
      throw new DrillError("BAD_USAGE", `preset ${name} is not for ${kind}: ${reason}`);
    }
  }
  const values = Object.fromEntries([...templateNames(kind), ...more].map((name) => [name, ""]));
  for (const [name, text] of Object.entries(choice.set ?? {})) {
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      throw new DrillError("BAD_USAGE", `"${name}" cannot be the name of an environment variable`, {
        hint: "Letters, digits and _; no digit first.",
      });
    }
    fillTemplate(text, values, placeOf(name));
  }
}

/** What a user must know of the presets on that kind of topology. */
export function envNotes(kind: TopologyKind, { presets = [] }: EnvChoice): string[] {
  return presets.flatMap((name) => {
    const note = presetNamed(name).note?.(kind);
    return note === undefined ? [] : [`preset ${name}: ${note}`];
  });
}

/**
 * An environment without the variables that we set for any topology: what somebody's shell says of other servers would
 * otherwise stay beside ours.
 */
export function withoutTopology(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const always: readonly string[] = ALWAYS;
  const kept = Object.entries(env).filter(([name]) => !always.includes(name) && !OURS.test(name));
  return Object.fromEntries(kept);
}

function alwaysSet({
  kind,
  nodes,
  sentinels,
  group = "",
}: Places): Partial<Record<(typeof ALWAYS)[number], string>> {
  return kind === "ha"
    ? { REDIS_SENTINELS: addressList(sentinels), REDIS_SENTINEL_MASTER_NAME: group }
    : { REDIS_CLUSTER_NODES: addressList(nodes) };
}

const placeOf = (name: string) => `environment variable ${name}`;
