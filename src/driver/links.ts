/**
 * A link is one direction between two ends: **every byte that travels from `from` to `to`, whoever opened the
 * connection**. `A>B` and `B>A` are two links; a connection between A and B uses both. An end is the name of a node, or
 * `CLIENTS_END`.
 */
export interface Link {
  readonly from: string;
  readonly to: string;
}

/** The end that stands for whoever is no node: the clients of the drill, and a client by hand. */
export const CLIENTS_END = "clients";

/**
 * What is done to a link. A connection is opened only while neither of its two links is `cut` or `half-open`, since a
 * handshake needs both ways.
 *
 * - `cut`: silence. Bytes wait, in bounded buffers, and go on when it is healed; so do ends of connections. Nobody is
 *   told.
 * - `half-open`: the `to` end forgets the connection (it is reset there), the `from` end is not told: it may send,
 *   nobody
 *   reads, nothing answers. When it is healed, what is left is reset, as a host does that knows of no such connection.
 * - `reset`: every connection that uses the link is reset at both ends, at once and as soon as it is opened.
 * - `delay`: bytes arrive `ms` later, more or less by up to `jitterMs`, in their order.
 * - `bandwidth`: all connections together pass so many bytes a second.
 * - `drip`: each connection passes so many bytes at a time, and again `everyMs` later.
 */
export type LinkEffect =
  | { readonly kind: "cut" }
  | { readonly kind: "half-open" }
  | { readonly kind: "reset" }
  | { readonly kind: "delay"; readonly ms: number; readonly jitterMs: number; readonly seed: number }
  | { readonly kind: "bandwidth"; readonly bytesPerSecond: number }
  | { readonly kind: "drip"; readonly bytes: number; readonly everyMs: number };

/** One effect in force on some links. */
export interface LinkImpairment {
  /** Chosen by whoever puts it in force; by it one of several of the same kind is healed. */
  readonly id: string;
  readonly effect: LinkEffect;
  readonly links: readonly Link[];
}

/** What has passed over a link since the start; a link that nobody used is not there. */
export interface LinkTraffic extends Link {
  readonly bytes: number;
  /** Connections that use it now. */
  readonly connections: number;
}

/** Which impairments shall end: those of that id, or of that kind; on those links, or wherever they are. */
export interface HealRequest {
  readonly id?: string;
  readonly kind?: LinkEffect["kind"];
  readonly links?: readonly Link[];
}

/** Control over the links of one environment. Effects add up; one that blocks outweighs one that slows. */
export interface LinkControl {
  /** Resolves once it is in force. An id that is in force already is replaced. @throws DrillError `COMMAND_FAILED` */
  impair(impairment: LinkImpairment): Promise<void>;
  /** Idempotent: what is not, or no longer, in force is left alone. Resolves once it is gone. */
  heal(request: HealRequest): Promise<void>;
  /** What is in force now. */
  impairments(): Promise<readonly LinkImpairment[]>;
  traffic(): Promise<readonly LinkTraffic[]>;
  /**
   * Listens for that node at the other one of its two addresses, and at the one before no more.
   *
   * @returns the host where it listens now. @throws DrillError `COMMAND_FAILED`
   */
  move(node: string): Promise<string>;
}

/** `primary>replica-1`: what a link is called in the history and on the command line. */
export function linkName({ from, to }: Link): string {
  return `${from}>${to}`;
}

/** The link of that name; undefined if it is none. */
export function parseLinkName(name: string): Link | undefined {
  const [from, to, ...more] = name.split(">");
  return from && to && more.length === 0 ? { from, to } : undefined;
}
