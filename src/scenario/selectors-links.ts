import type { Random } from "../base/random.ts";
import { CLIENTS_END, type Link, linkName } from "../driver/links.ts";
import { DrillError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import type { TopologyView } from "../observe/view.ts";
import { checkSelector, type NodeSelector, select, zoneSelected } from "./selectors.ts";

/** The forms of a target of links, for the help and the guide. A, B, C, D are selectors of nodes, or `clients`. */
export const LINK_SELECTORS: Readonly<Record<string, string>> = {
  A:
    "isolates A: every link between its nodes and other nodes, both ways (not those of clients); of a zone, all that " +
    "crosses its edge",
  "A<>B": "the links between A and B, both ways: primary<>replicas, clients<>primary, sentinels<>sentinels",
  "A>B": "only the bytes that travel from A to B, whoever opened the connection",
  "A,B|C,D":
    "a split: the links between the two sides; who stands on both sides, or on none, sees both (a bridge)",
};

type End = NodeSelector | typeof CLIENTS_END;
type Between = `${End}${"<>" | " <> " | ">" | " > "}${End}`;
/** One or several, with commas. */
type List<Text extends string> = Text | `${Text},${string}`;

/**
 * A target of links, as `checkLinkSelector` lets it pass. Of a list, or of a side of a split, the first is looked at.
 */
export type LinkSelector = List<End | Between> | `${List<End>}|${List<End>}`;

type Term =
  | { readonly kind: "isolate"; readonly of: string }
  | { readonly kind: "between"; readonly from: string; readonly to: string; readonly bothWays: boolean }
  | { readonly kind: "split"; readonly sides: readonly (readonly string[])[] };

/**
 * Is this a target of links that could mean something on that plan?
 *
 * @throws DrillError `BAD_USAGE` saying what is wrong
 */
export function checkLinkSelector(text: string, plan: Plan): void {
  for (const end of parse(text).flatMap(endsOf)) if (end !== CLIENTS_END) checkSelector(end, plan);
}

/** Does it mean a link of clients, or may it, since they may be in a zone? Then they must be led over it. */
export function meansClients(text: string): boolean {
  const ends = parse(text).flatMap(endsOf);
  return ends.includes(CLIENTS_END) || ends.some((end) => zoneSelected(end) !== undefined);
}

/**
 * The names (`A>B`) of the links that it means **now**, by the roles that the nodes really have.
 *
 * @throws DrillError `BAD_USAGE` if it is no such target; `NOT_READY` if there is no such link now
 */
export function selectLinks(text: string, plan: Plan, view: TopologyView, random: Random): string[] {
  const nodes = (selector: string) =>
    selector === CLIENTS_END ? [CLIENTS_END] : select(selector, plan, view, random);
  const links = parse(text).flatMap((term) => linksOf(term, plan, nodes));
  const names = [...new Set(links.filter(({ from, to }) => from !== to).map(linkName))];
  if (names.length === 0)
    throw new DrillError("NOT_READY", `"${text}" means no link at this time: both ends are the same`);
  return names;
}

function linksOf(term: Term, plan: Plan, nodes: (selector: string) => string[]): Link[] {
  const zone = term.kind === "isolate" ? zoneSelected(term.of) : undefined;
  if (zone !== undefined) return zoneLinks(zone, plan);
  if (term.kind === "isolate") {
    const all = plan.nodes.map((node) => node.name);
    return bothWays(between(nodes(term.of), all));
  }
  if (term.kind === "between") {
    const links = between(nodes(term.from), nodes(term.to));
    return term.bothWays ? bothWays(links) : links;
  }
  const sides = term.sides.map((side) => new Set(side.flatMap(nodes)));
  const apart = (a: string, b: string) => !sides.some((side) => side.has(a) && side.has(b));
  const named = [...new Set(sides.flatMap((side) => [...side]))];
  return between(named, named).filter(({ from, to }) => apart(from, to));
}

/** All that crosses the edge of a zone, both ways; of clients too, if they are in a zone. */
function zoneLinks(zone: string, { nodes, clientZone }: Plan): Link[] {
  const clients = clientZone === undefined ? [] : [{ name: CLIENTS_END, zone: clientZone }];
  const all = [...nodes, ...clients];
  const within = all.filter((one) => one.zone === zone).map(({ name }) => name);
  const outside = all.filter((one) => one.zone !== zone).map(({ name }) => name);
  return bothWays(between(within, outside));
}

function between(from: readonly string[], to: readonly string[]): Link[] {
  return from.flatMap((a) => to.map((b) => ({ from: a, to: b })));
}

function bothWays(links: readonly Link[]): Link[] {
  return links.flatMap(({ from, to }) => [
    { from, to },
    { from: to, to: from },
  ]);
}

function endsOf(term: Term): readonly string[] {
  if (term.kind === "isolate") return [term.of];
  return term.kind === "between" ? [term.from, term.to] : term.sides.flat();
}

function parse(text: string): Term[] {
  if (text.includes("|")) return [split(text)];
  return text.split(",").map((part): Term => {
    const words = part.split(/(<>|>)/).map((word) => word.trim());
    const [from = "", way, to = "", ...more] = words;
    if (from === "" || more.length > 0 || (way !== undefined && to === "")) throw bad(part.trim());
    if (way === undefined) return { kind: "isolate", of: from };
    // Each end chooses for itself: two that choose one of several may choose the same.
    if (from === to && !isPlural(from)) throw bad(part.trim(), "both ends may be the same node");
    return { kind: "between", from, to, bothWays: way === "<>" };
  });
}

function split(text: string): Term {
  const sides = text.split("|").map((side) => side.split(",").map((word) => word.trim()));
  const wrong = sides.flat().find((word) => word === "" || /[<>]/.test(word));
  if (wrong !== undefined) throw bad(text, "a side of a split is a list of nodes");
  return { kind: "split", sides };
}

function isPlural(selector: string): boolean {
  return /(primaries|replicas|sentinels)$/.test(selector) || selector.startsWith("zone:");
}

function bad(text: string, why?: string): DrillError {
  return new DrillError("BAD_USAGE", `"${text}" means no links${why ? `: ${why}` : ""}`, {
    hint:
      `Links are named as ${Object.keys(LINK_SELECTORS).join("   or   ")}, where A, B, C, D are selectors of ` +
      `nodes, or ${CLIENTS_END}.`,
  });
}
