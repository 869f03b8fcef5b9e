import type { EventLine, ExplainedNode, IncidentData, LinePlace, ReadReport } from "../model.ts";

/**
 * The same report without what tells whose it is: hosts, addresses, names of files, groups, users and clients, ids and
 * paths. Each gets another name that is the same throughout, so that the story still holds together.
 */
export function anonymised(report: ReadReport): ReadReport {
  const names = new Aliases();
  for (const { addresses } of report.nodes) for (const address of addresses) names.host(hostOf(address));
  for (const { groups } of report.nodes) for (const group of groups) names.of("group", group);
  const text = (raw: string) => names.inText(raw);
  const place = <T extends LinePlace>(one: T): T => ({ ...one, file: names.file(one.file) });
  const line = (one: EventLine): EventLine => ({ ...place(one), text: text(one.text) });
  return {
    ...report,
    nodes: report.nodes.map((node) => nodeWithout(node, names, text)),
    offsets: report.offsets.map((offset) => ({
      ...offset,
      contradictions: offset.contradictions.map((one) => ({
        ...one,
        text: text(one.text),
        lines: one.lines.map(line),
      })),
    })),
    events: report.events.map((event) => ({
      ...event,
      line: line(event.line),
      data: dataWithout(event.data, names, text),
    })),
    skipped: report.skipped.map(({ file, why }) => ({ file: names.file(file), why: text(why) })),
    warnings: report.warnings.map(text),
  };
}

function nodeWithout(node: ExplainedNode, names: Aliases, text: (raw: string) => string): ExplainedNode {
  const settings = Object.entries(node.settings).map(([name, { value, place }]) => [
    text(name),
    { value: text(value), place: { ...place, file: names.file(place.file) } },
  ]);
  return {
    ...node,
    label:
      node.addresses.length > 0
        ? names.address(node.addresses[0] as string)
        : names.of(node.kind, node.label),
    addresses: node.addresses.map((address) => names.address(address)),
    runIds: node.runIds.map((id) => names.of("id", id)),
    ...(node.clusterId !== undefined && { clusterId: names.of("id", node.clusterId) }),
    ...(node.sentinelMyid !== undefined && { sentinelMyid: names.of("id", node.sentinelMyid) }),
    groups: node.groups.map((group) => names.of("group", group)),
    files: node.files.map((file) => names.file(file)),
    evidence: node.evidence.map(text),
    settings: Object.fromEntries(settings),
  };
}

function dataWithout(data: IncidentData, names: Aliases, text: (raw: string) => string): IncidentData {
  const { group, detail, replId, newReplId } = data;
  return {
    ...data,
    ...(group !== undefined && { group: names.of("group", group) }),
    ...(detail !== undefined && { detail: text(detail) }),
    ...(replId !== undefined && { replId: names.of("id", replId) }),
    ...(newReplId !== undefined && { newReplId: names.of("id", newReplId) }),
  };
}

const IPV4 = /\b\d{1,3}(?:\.\d{1,3}){3}\b/g;
/**
 * Two colons at least, and a digit or letter between: `::1`, `fe80::1`, `2001:db8:0:0:0:0:0:1`; a time of day has no
 * such form.
 */
const IPV6 = /(?<![\w:])(?=[0-9a-f:]*:[0-9a-f]*:)(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi;
const TIME_OF_DAY = /^\d{1,2}:\d{2}:\d{2}$/;
const ID = /\b[0-9a-f]{40}\b/g;
const PATH = /(?<![\w.:])\/[\w.@+-]+(?:\/[\w.@+-]+)+/g;
const NAMED = /\b(name|user|lib-name|lib-ver)=(?!\*redacted\*)[^\s']+/g;

class Aliases {
  readonly #known = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #words = new Map<string, string>();

  of(kind: string, raw: string): string {
    const key = `${kind} ${raw}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const alias = `${kind}-${count}`;
    this.#known.set(key, alias);
    if (kind === "group" || kind === "host") this.#words.set(raw, alias);
    return alias;
  }

  host(raw: string): string {
    return this.of("host", raw);
  }

  address(raw: string): string {
    const host = hostOf(raw);
    return `${this.host(host)}${raw.slice(host.length + (raw.startsWith("[") ? 2 : 0))}`;
  }

  file(raw: string): string {
    return raw === "standard input" ? raw : `${this.of("file", raw)}.log`;
  }

  /**
   * Known hosts and groups as whole words first, then whatever looks like an address, an id, a path or somebody's name.
   */
  inText(raw: string): string {
    let text = raw.replaceAll(ID, (id) => this.of("id", id));
    for (const [word, alias] of [...this.#words].toSorted(([a], [b]) => b.length - a.length))
      text = replaceWord(text, word, alias);
    return text
      .replaceAll(IPV4, (host) => this.host(host))
      .replaceAll(IPV6, (host) => (TIME_OF_DAY.test(host) ? host : this.host(host)))
      .replaceAll(PATH, (path) => this.of("path", path))
      .replaceAll(NAMED, (_, what: string) => `${what}=…`);
  }
}

function replaceWord(text: string, word: string, alias: string): string {
  const escaped = word.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  return text.replaceAll(new RegExp(`(?<![\\w.-])${escaped}(?![\\w-]|\\.\\w)`, "g"), () => alias);
}

/** Without its port; of an IPv6 address without brackets as well. */
function hostOf(address: string): string {
  const bracketed = /^\[(.*)\](?::\d+)?$/.exec(address);
  if (bracketed) return bracketed[1] ?? "";
  const colon = address.lastIndexOf(":");
  return colon > 0 ? address.slice(0, colon) : address;
}
