import type { Observed } from "../model/observed.ts";

type Connection = NonNullable<Observed["app-connections"]["connections"]>[number];

/** One line of `CLIENT LIST`, its fields by name. https://valkey.io/commands/client-list/ */
export type ClientLine = ReadonlyMap<string, string>;

/** The lines of `CLIENT LIST`. */
export function parseClientList(reply: string): ClientLine[] {
  return reply
    .split("\n")
    .filter((line) => line.startsWith("id="))
    .map((line) => {
      const fields = line.trim().split(" ");
      return new Map(
        fields.map((field) => [field.slice(0, field.indexOf("=")), field.slice(field.indexOf("=") + 1)]),
      );
    });
}

/** Replicas, Sentinels, a primary's link, the other nodes of a cluster, and what this tool looks by. */
export function isOfTopology(line: ClientLine): boolean {
  const name = line.get("name") ?? "";
  return (
    /[SM]/.test(line.get("flags") ?? "") || name.startsWith("sentinel-") || name.startsWith("valkey-drill")
  );
}

/** What a history tells of a connection. */
export function connectionOf(line: ClientLine, instance: string | undefined): Connection {
  const text = (field: string) => line.get(field) ?? "";
  const number = (field: string) => Math.max(0, Number(line.get(field) ?? 0) || 0);
  const library = [text("lib-name"), text("lib-ver")].filter((one) => one !== "").join(" ");
  return {
    id: number("id"),
    ...(instance !== undefined && { instance }),
    from: text("addr"),
    ...(text("name") !== "" && { name: text("name") }),
    ...(library !== "" && { library }),
    command: text("cmd"),
    ageS: number("age"),
    idleS: number("idle"),
    flags: text("flags"),
    blocked: text("flags").includes("b"),
    subscriptions: number("sub") + number("psub") + number("ssub"),
  };
}

/** Port of the client, as the server sees it; undefined for a Unix socket. */
export function clientPortOf(line: ClientLine): number | undefined {
  const port = Number(/:(\d+)$/.exec(line.get("addr") ?? "")?.[1]);
  return port > 0 ? port : undefined;
}
