import type { TopologyKind } from "../../model/plan.ts";
import { addressList, type Places } from "./places.ts";
import { serverUrl } from "./server-url.ts";

interface TemplateValue {
  readonly meaning: string;
  /** The only kind of topology that has it. Default: both. */
  readonly only?: TopologyKind;
  of(places: Places): string;
}

/** What `{{name}}` may be in a text for an application. What the servers do not ask for is empty. */
export const TEMPLATE_VALUES: Readonly<Record<string, TemplateValue>> = {
  kind: { meaning: "`ha` or `cluster`", of: ({ kind }) => kind },
  sentinels: {
    meaning: "the Sentinels: `host:port,host:port`",
    only: "ha",
    of: ({ sentinels }) => addressList(sentinels),
  },
  "sentinels-json": {
    meaning: 'the same as JSON: `[{"host":"…","port":…}]`',
    only: "ha",
    of: ({ sentinels }) => JSON.stringify(sentinels),
  },
  group: {
    meaning: "by which name the Sentinels know the primary",
    only: "ha",
    of: ({ group }) => group ?? "",
  },
  nodes: {
    meaning: "the data nodes: `host:port,host:port`",
    of: ({ nodes }) => addressList(nodes),
  },
  "nodes-json": {
    meaning: 'the same as JSON: `[{"host":"…","port":…}]`',
    of: ({ nodes }) => JSON.stringify(nodes),
  },
  primary: {
    meaning: "the primary at the start, in a cluster the first one: `host:port`",
    of: ({ primary }) => addressList([primary]),
  },
  "primary-host": { meaning: "its host", of: ({ primary }) => primary.host },
  "primary-port": { meaning: "its port", of: ({ primary }) => String(primary.port) },
  url: {
    meaning: "its URL, with login and TLS: `redis://…`",
    of: (places) => serverUrl(places, places.primary),
  },
  user: { meaning: "the application's user", of: ({ access }) => access.login?.user ?? "" },
  password: { meaning: "its password", of: ({ access }) => access.login?.password ?? "" },
  "sentinel-user": {
    meaning: "the application's user at the Sentinels",
    only: "ha",
    of: ({ access }) => access.sentinelLogin?.user ?? "",
  },
  "sentinel-password": {
    meaning: "its password there",
    only: "ha",
    of: ({ access }) => access.sentinelLogin?.password ?? "",
  },
  tls: { meaning: "`true` if the servers speak TLS, else `false`", of: ({ access }) => String(!!access.tls) },
  ca: { meaning: "path of the authority's certificate", of: ({ access }) => access.files?.ca ?? "" },
  cert: { meaning: "path of the application's certificate", of: ({ access }) => access.files?.cert ?? "" },
  key: { meaning: "path of its key", of: ({ access }) => access.files?.key ?? "" },
};

/** The values of a running topology, by name. */
export function templateValues(places: Places): Record<string, string> {
  const entries = Object.entries(TEMPLATE_VALUES).filter(([, { only }]) => isOf(only, places.kind));
  return Object.fromEntries(entries.map(([name, value]) => [name, value.of(places)]));
}

/** The names that a topology of that kind has. */
export function templateNames(kind: TopologyKind): string[] {
  const entries = Object.entries(TEMPLATE_VALUES);
  return entries.filter(([, { only }]) => isOf(only, kind)).map(([name]) => name);
}

const isOf = (only: TopologyKind | undefined, kind: TopologyKind) => only === undefined || only === kind;
