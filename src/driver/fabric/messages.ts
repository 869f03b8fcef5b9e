import type { HealRequest, LinkImpairment, LinkTraffic } from "../links.ts";
import type { FabricNode } from "./fabric.ts";

/*
 * What the fabric's process and others say to each other, one line of JSON each. They are always of the same version:
 * the driver starts the program that stands beside it.
 *
 *   driver ── stdin: Orders ──▶ fabric ── stdout: Ready ──▶ driver ── stdin: "recorded" ──▶ fabric
 *   anybody with the token ── TCP: Request ──▶ fabric ──▶ Response
 */

/** The first line that the fabric reads; or its argument, where it is a container of its own that nobody writes to. */
export interface Orders {
  readonly nodes: readonly FabricNode[];
  /** Whoever does not know it is not listened to: a stranger's connection must not change anything. */
  readonly token: string;
  /** Where to take requests; absent: at 127.0.0.1, and any free port. */
  readonly control?: { readonly host: string; readonly port: number };
}

/** The only line that it writes. */
export type Ready =
  | { readonly port: number }
  | { readonly error: string; readonly code?: string; readonly address?: string };

/** The second line that it reads; without it, it ends with its parent. */
export const RECORDED = "recorded";

/** Asked on a connection of its own, which is closed after the answer. */
export type Request = { readonly token: string } & (
  | { readonly ask: "impair"; readonly impairment: LinkImpairment }
  | { readonly ask: "heal"; readonly heal: HealRequest }
  | { readonly ask: "impairments" }
  | { readonly ask: "traffic" }
  | { readonly ask: "move"; readonly node: string }
);

export type Response =
  | {
      readonly ok: true;
      readonly impairments?: readonly LinkImpairment[];
      readonly traffic?: readonly LinkTraffic[];
      /** Where the node that was moved is called now. */
      readonly host?: string;
    }
  | { readonly ok: false; readonly error: string };
