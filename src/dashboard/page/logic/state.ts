import type { LiveOutage, LiveStream } from "../../../model/live.ts";
import type { Contact, Session } from "../store.ts";
import { probesAt } from "./app.ts";
import type { LiveNode } from "./nodes-at.ts";

/** What is so at a glance. */
export interface State {
  /** How it is drawn: as a verdict. */
  readonly looks: "pass" | "fail" | "unknown";
  readonly words: string;
}

/** What was so at that moment, the worst first. Of the end of a drill it is what became of it. */
export function stateAt(
  session: Session,
  atMs: number,
  nodes: readonly LiveNode[],
  contact: Contact = "connected",
): State {
  const { status, nowMs } = session;
  const isNow = atMs >= nowMs;
  if (isNow && (status.over || contact === "gone")) return ended(status.ended);
  if (isNow && contact !== "connected") return { looks: "unknown", words: "▲ no connection" };
  const open = outagesAt(session, atMs);
  if (open.some((outage) => !seemsOver(outage, atMs))) return { looks: "fail", words: "✗ outage" };
  const rivals = rivalsAmong(session, nodes);
  if (rivals.length > 0) return { looks: "fail", words: `✗ ${rivals.length} primaries at once` };
  if (open.length > 0) return { looks: "unknown", words: "▲ recovering" };
  const probes = probesAt(session, atMs);
  if (probes.some(({ state }) => state === "failing" || state === "hanging"))
    return { looks: "fail", words: "✗ application fails" };
  const isAsked = probes.some(({ state }) => state === "well");
  if (!isAsked && !session.watched.some((watch) => isDuring(watch, atMs)))
    return { looks: "unknown", words: "▲ not measured" };
  const inForce = session.faults.some(
    ({ injectMs, healedMs = Number.POSITIVE_INFINITY }) => injectMs <= atMs && atMs < healedMs,
  );
  return inForce ? { looks: "unknown", words: "▲ faults in force" } : { looks: "pass", words: "✓ serving" };
}

function ended(told: Session["status"]["ended"]): State {
  if (told === null) return { looks: "unknown", words: "■ ended" };
  const { verdict } = told;
  return verdict === "pass" || verdict === "fail"
    ? { looks: verdict, words: `■ ended: ${verdict}` }
    : { looks: "unknown", words: "■ ended: unknown" };
}

/** Nodes that call themselves primary of the same thing at once, and answer. */
export function rivalsAmong({ setup }: Session, nodes: readonly LiveNode[]): string[] {
  const primaries = nodes.filter(({ role, reachable }) => role === "primary" && reachable);
  const rivals =
    setup.kind === "ha"
      ? primaries.length > 1
        ? primaries
        : []
      : primaries.filter((one) => primaries.some((other) => other !== one && share(one.slots, other.slots)));
  return rivals.map(({ node }) => node.name);
}

/** Do two texts as `0-5460, 7` name a slot that is the same? */
function share(one: string, other: string): boolean {
  const others = rangesIn(other);
  return rangesIn(one).some(([from, to]) => others.some(([first, last]) => from <= last && to >= first));
}

function rangesIn(text: string): [number, number][] {
  return text
    .split(", ")
    .filter((part) => part !== "")
    .map((part) => {
      const [first, last = first] = part.split("-").map(Number);
      return [first as number, last as number];
    });
}

/** The outages that go on at that moment, or seem to be over and nobody knew yet whether that lasts. */
export function outagesAt({ outages }: Session, atMs: number): LiveOutage[] {
  return outages.filter((outage) => isDuring(outage, atMs));
}

/** It has succeeded again. */
export function seemsOver({ seeminglyToMs = Number.POSITIVE_INFINITY }: LiveOutage, atMs: number): boolean {
  return seeminglyToMs <= atMs;
}

function isDuring(
  {
    fromMs,
    toMs = Number.POSITIVE_INFINITY,
  }: LiveStream & { readonly fromMs: number; readonly toMs?: number },
  atMs: number,
): boolean {
  return fromMs <= atMs && atMs < toMs;
}
