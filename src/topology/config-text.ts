import type { Endpoint } from "../model/plan.ts";
import { settingName } from "../model/setting-name.ts";

/** Directives in the order they are written; a list writes the directive once for each value. */
export type Directives = Readonly<Record<string, string | number | boolean | readonly (string | number)[]>>;

/** A directive's name of today: replicas were called slaves once, and primaries masters. */
export function nameOfToday(name: string): string {
  return settingName(name).replace(/^master(?=auth|user)/, "primary");
}

/** The text of a configuration file: later objects override directives of earlier ones. */
export function configText(...layers: readonly Directives[]): string {
  const merged: Record<string, Directives[string]> = Object.assign({}, ...layers);
  return `${configLines(merged).join("\n")}\n`;
}

/** One line for each value. */
export function configLines(directives: Directives): string[] {
  return Object.entries(directives).flatMap(([name, value]) =>
    valuesOf(value).map((one) => `${name} ${one}`),
  );
}

/** Its values as lines of a configuration file have them. */
export function valuesOf(value: Directives[string] = []): string[] {
  const all: readonly (string | number | boolean)[] = Array.isArray(value) ? value : [value];
  return all.map(written);
}

/** A value as a configuration file has it. */
export function written(value: string | number | boolean): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return value === "" ? '""' : String(value);
}

/** A word of a configuration file, whatever is in it. */
export function quoted(text: string): string {
  return /^[A-Za-z0-9._+/=-]+$/.test(text) ? text : `"${text.replaceAll(/[\\"]/g, "\\$&")}"`;
}

/**
 * How a node listens: at its address; in a container everywhere, since the container's own network is the fence. On a
 * fabric of this machine its connections to others come from that address too: that is how the fabric knows who calls.
 */
export function listenDirectives({ host, port, announced, fabric }: Endpoint): Directives {
  if (fabric && !fabric.containerHost) return { bind: host, port, "bind-source-addr": host };
  return announced ? { ...CONTAINER_LISTENING, port: announced.port } : { bind: host, port };
}

/** See `listenDirectives`; without the port. */
export const CONTAINER_LISTENING: Directives = { bind: "*", "protected-mode": false };

/** `DEBUG` from anywhere, where "local" would mean inside the container. */
export function debugDirectives({ announced, fabric }: Endpoint): Directives {
  const inContainer = fabric ? fabric.containerHost !== undefined : announced !== undefined;
  return inContainer ? { "enable-debug-command": "yes" } : {};
}

/**
 * What every data node of a drill is started with.
 *
 * Persistence is on, as it is in production: a restarted node comes back with its data. The delay of
 * diskless synchronisation (5 s by default, to wait for more replicas) is off, since it only makes drills longer.
 * `DEBUG` is allowed from this machine: data sets are compared by `DEBUG DIGEST`.
 */
export const DATA_NODE_DEFAULTS: Directives = {
  daemonize: false,
  dir: "./",
  logfile: "",
  save: "",
  appendonly: true,
  appendfsync: "everysec",
  "repl-diskless-sync": true,
  "repl-diskless-sync-delay": 0,
  "enable-debug-command": "local",
};

/**
 * The same without what a user's own configuration is to decide: with `defaults: server` only what the drill needs.
 */
export function dataNodeDefaults({
  defaults = "drill",
}: {
  readonly defaults?: "drill" | "server";
}): Directives {
  const { daemonize, dir, logfile, "enable-debug-command": debug } = DATA_NODE_DEFAULTS;
  if (defaults === "drill") return DATA_NODE_DEFAULTS;
  return { daemonize, dir, logfile, "enable-debug-command": debug } as Directives;
}

/** What every Sentinel of a drill is started with. */
export const SENTINEL_DEFAULTS: Directives = { daemonize: false, dir: "./", logfile: "" };
