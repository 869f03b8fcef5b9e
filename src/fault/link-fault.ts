import { randomUUID } from "node:crypto";
import type { z } from "zod";
import type { Random } from "../base/random.ts";
import { type Link, type LinkControl, type LinkEffect, parseLinkName } from "../driver/links.ts";
import { DrillError } from "../model/errors.ts";
import { type Explored, someLinks } from "./explore.ts";
import type { FaultContext, LinkFault } from "./fault.ts";
import { primariesMayLosePlace } from "./roles.ts";

/** What makes one fault of links differ from another. */
export interface LinkFaultParts<Kind extends LinkEffect["kind"], Schema extends z.ZodType> {
  readonly kind: Kind;
  readonly summary: string;
  readonly options: Schema;
  /** What has become of the links, for a timeline: `cut`, `delayed by 200 ms`. */
  readonly done: (options: z.output<Schema>) => string;
  readonly effect: (options: z.output<Schema>, random: Random) => LinkEffect;
  /** Options by chance, for `explore`; default: none. */
  readonly byChance?: (random: Random) => Explored["options"];
}

/** A fault whose targets are links. Several may be in force on one link: they add up, and each is healed by itself. */
export function linkFault<Kind extends LinkEffect["kind"], Schema extends z.ZodType>(
  parts: LinkFaultParts<Kind, Schema>,
): LinkFault<Kind, Schema> {
  const { kind, summary, options, done, effect, byChance } = parts;
  return {
    kind,
    summary,
    targetKind: "links",
    needs: ["cut-links"],
    options,
    explore: (on) => ({ ...someLinks(on), ...(byChance && { options: byChance(on.random) }) }),
    means: primariesMayLosePlace,
    label: (targets, given) => `${shortLinks(targets)} ${done(given)}`,
    inject: async (context, targets, given) => {
      const id = `${kind}-${randomUUID()}`;
      await context.remember({ id });
      await controlOf(context).impair({ id, effect: effect(given, context.random), links: linksOf(targets) });
      return { id };
    },
    heal: async (context, targets, remembered) => {
      const links = linksOf(targets);
      const id = idIn(remembered);
      if (id !== undefined) await controlOf(context).heal({ id, links }); // without it nothing was impaired yet
    },
  };
}

const MOST_NAMED = 3;

/**
 * Names of links in few words: `primary<>replica-1` for both ways; where there are many, `primary (10 links)` if all of them
 * are one node's, else `12 links`.
 */
export function shortLinks(targets: readonly string[]): string {
  const links = linksOf(targets);
  const both = bothWays(targets);
  if (both.length <= MOST_NAMED) return both.join(", ");
  const [first] = links;
  const common = [first?.from, first?.to].find((end) =>
    links.every(({ from, to }) => from === end || to === end),
  );
  return common === undefined ? `${links.length} links` : `${common} (${links.length} links)`;
}

/** The same links, with `A<>B` for `A>B` and `B>A`. */
export function bothWays(targets: readonly string[]): string[] {
  const all = new Set(targets);
  const short = targets.map((name) => {
    const [from, to] = name.split(">");
    if (!all.has(`${to}>${from}`)) return name;
    const first = targets.indexOf(name) < targets.indexOf(`${to}>${from}`);
    return first ? `${from}<>${to}` : `${to}<>${from}`;
  });
  return [...new Set(short)];
}

function linksOf(targets: readonly string[]): Link[] {
  return targets.map((name) => {
    const link = parseLinkName(name);
    if (!link) throw new RangeError(`"${name}" is no link`);
    return link;
  });
}

function controlOf({ topology }: FaultContext): LinkControl {
  if (topology.links) return topology.links;
  throw new DrillError("LACKS_CAPABILITY", "this environment was started without power over its links");
}

function idIn(remembered: unknown): string | undefined {
  const { id } = (remembered ?? {}) as { id?: unknown };
  return typeof id === "string" ? id : undefined;
}
