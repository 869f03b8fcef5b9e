import type {
  FaultEvent,
  HistoryEvent,
  ObservationEvent,
  StepEvent,
  TopologyEvent,
} from "../../model/event.ts";
import type { LiveLine } from "../../model/live.ts";
import { observedIn, skippedAs } from "../../model/observed.ts";
import { lifeText } from "../../report-model/app.ts";

/** The oldest go first. */
const KEPT = 3000;
const TEXT_CHARS = 400;
/**
 * Sentinel's own events that tell how a failover goes; the others (new connections, its script's clock) tell nothing
 * here.
 */
const TELLING =
  /^[+-](sdown|odown|switch-master|try-failover|elected-leader|failover-|selected-slave|promoted-slave|vote-for-leader)/;

type Told = Pick<LiveLine, "kind" | "from" | "text">;

/** The event log: what was done, and what became of it, in words. */
export class LiveLines {
  readonly #lines: LiveLine[] = [];
  #fresh: LiveLine[] = [];
  #last = 0;

  take(event: HistoryEvent): void {
    const told = toldOf(event);
    if (told !== undefined) this.add(event.at / 1e6, told);
  }

  add(atMs: number, { kind, from, text }: Told): void {
    this.#last += 1;
    const line = { n: this.#last, atMs, kind, from, text: shortened(text) };
    this.#lines.push(line);
    this.#fresh.push(line);
    if (this.#lines.length > KEPT) this.#lines.splice(0, KEPT / 10);
    if (this.#fresh.length > KEPT) this.#fresh.splice(0, KEPT / 10);
  }

  fresh(): LiveLine[] {
    return this.#fresh.splice(0);
  }

  all(): readonly LiveLine[] {
    return this.#lines;
  }
}

function toldOf(event: HistoryEvent): Told | undefined {
  if (event.type === "fault") return ofFault(event);
  if (event.type === "topology") return ofTopology(event);
  if (event.type === "step") return ofStep(event);
  if (event.type === "observation") return ofObservation(event);
  if (event.type === "end") {
    const text = `end: ${event.reason}${event.detail === undefined ? "" : `, ${event.detail}`}`;
    return { kind: "step", from: "drill", text };
  }
  return undefined;
}

function ofFault({ phase, fault, label, targets }: FaultEvent): Told | undefined {
  const what = label ?? `${fault} ${targets.join(", ")}`;
  if (phase === "inject") return { kind: "fault", from: "drill", text: `inject: ${what}` };
  if (phase === "healed") return { kind: "heal", from: "drill", text: `healed: ${what}` };
  return undefined;
}

function ofTopology({ event, source, subject, to, detail = "" }: TopologyEvent): Told | undefined {
  const told = (kind: LiveLine["kind"], text: string): Told => ({ kind, from: source, text });
  if (event === "sentinel") return TELLING.test(detail) ? told("sentinel", detail) : undefined;
  // That it calls itself so does not make it one that was promoted: a former primary says so when it comes back.
  if (event === "role") return told("topology", `is a ${to}`);
  if (event === "reachable") return told("topology", to === "yes" ? "answers" : "does not answer");
  if (event === "follows") return told("topology", `follows ${to}`);
  if (event === "link") return told("topology", `its link to its primary is ${to}`);
  if (event === "state") return told("topology", `says cluster_state:${to}`);
  if (event === "flag") return told("topology", `holds ${subject} to be ${to}`);
  return undefined;
}

/** Of a step its beginning; of its end only what is worth a line. */
function ofStep({ index, name, status, detail }: StepEvent): Told | undefined {
  if (status === "begin") return { kind: "step", from: "drill", text: `step ${index + 1}: ${name}` };
  if (status === "done") return undefined;
  const why = detail === undefined ? "" : `: ${detail}`;
  return { kind: "error", from: "drill", text: `step ${index + 1}, ${name}: ${status}${why}` };
}

function ofObservation(event: ObservationEvent): Told | undefined {
  const died = observedIn(event, "node-died");
  if (died) return { kind: "error", from: died.node, text: died.text };
  const skipped = observedIn(event, "fault-skipped");
  if (skipped) {
    const what = `${skipped.fault} of ${skipped.target} ${skippedAs(skipped)}`;
    return { kind: "error", from: "drill", text: `${what}: ${skipped.why}` };
  }
  return ofAppObservation(event);
}

function ofAppObservation(event: ObservationEvent): Told | undefined {
  const life = observedIn(event, "app");
  if (life) {
    const last = life.event === "exited" ? (life.lastLines?.at(-1) ?? "") : "";
    const text = `${lifeText(life)}${last === "" ? "" : `: ${last}`}`;
    return { kind: life.event === "exited" ? "error" : "app", from: life.instance, text };
  }
  const line = observedIn(event, "app-line");
  if (line) return { kind: line.why === "error" ? "app" : "error", from: line.instance, text: line.text };
  const once = observedIn(event, "app-probe");
  if (once && !once.ok)
    return { kind: "error", from: once.probe, text: `not ok (${once.when}): ${once.seen}` };
  return undefined;
}

function shortened(text: string): string {
  return text.length > TEXT_CHARS ? `${text.slice(0, TEXT_CHARS)}…` : text;
}
