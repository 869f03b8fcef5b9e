import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { REQUIRED } from "../src/history/fields.ts";
import { parseEvent, parseHeader } from "../src/history/parse-line.ts";
import { HISTORY_SCHEMA_VERSION, type HistoryEvent } from "../src/model/event.ts";
import { OBSERVATIONS } from "../src/model/observed.ts";
import { ROOT } from "./support/structure.ts";

/*
 * docs/history.md is written by hand. These tests say what it leaves out of the format, and whether its samples are
 * events.
 */

const page = readFileSync(join(ROOT, "docs/history.md"), "utf8");

type EventOf<Type> = HistoryEvent extends infer Event
  ? Event extends { readonly type: infer Types }
    ? Type extends Types
      ? Event
      : never
    : never
  : never;

const completion = { at: 1, op: 1, value: 1, error: 1, node: 1, attempts: 1 } as const;

/** Every field that there is, by type of event: one that is added to a type and not here does not compile. */
const FIELDS: { [Type in HistoryEvent["type"]]: Record<Exclude<keyof EventOf<Type>, "type">, 1> } = {
  header: {
    at: 1,
    schemaVersion: 1,
    runId: 1,
    scenario: 1,
    seed: 1,
    startedAt: 1,
    topology: 1,
    client: 1,
    app: 1,
    waitReplicas: 1,
    expect: 1,
    plugins: 1,
    replay: 1,
  },
  invoke: { at: 1, op: 1, client: 1, workload: 1, f: 1, key: 1, value: 1, shared: 1, due: 1 },
  ok: completion,
  fail: completion,
  info: completion,
  fault: {
    at: 1,
    phase: 1,
    fault: 1,
    targets: 1,
    shards: 1,
    primaries: 1,
    roles: 1,
    losesData: 1,
    label: 1,
    options: 1,
    id: 1,
  },
  topology: { at: 1, source: 1, event: 1, subject: 1, to: 1, detail: 1, ownSlots: 1, after: 1, errorMs: 1 },
  replicated: { at: 1, primary: 1, replicas: 1, ackedBy: 1, offset: 1 },
  step: { at: 1, index: 1, name: 1, status: 1, detail: 1, stoodStillMs: 1 },
  observation: { at: 1, name: 1, data: 1 },
  end: { at: 1, reason: 1, detail: 1, events: 1, counts: 1, digest: 1 },
};

const types = Object.keys(FIELDS) as HistoryEvent["type"][];

/** The part of the page below the heading that names the type. */
function sectionOf(type: string): string {
  const sections = page.split(/^## /m).slice(1);
  return sections.find((text) => text.split("\n")[0]?.includes(`\`${type}\``)) ?? "";
}

describe("the page on the history", () => {
  it.each(types)("names every field of %s, and which of them every line has", (type) => {
    const section = sectionOf(type);
    for (const field of Object.keys(FIELDS[type])) {
      const required = type === "header" ? !["app", "plugins"].includes(field) : field in REQUIRED[type];
      const always = field === "at" || required;
      expect(section).toContain(`| \`${field}\` |${always ? " yes " : " "}|`);
    }
  });

  it.each(types)("shows a line of %s that is one", (type) => {
    const samples = [...sectionOf(type).matchAll(/^```json\n(.*)\n```$/gm)].map(([, line = ""]) =>
      JSON.parse(line),
    );
    const own = samples.filter((sample) => sample.type === type);
    expect(own).toHaveLength(1);
    const place = { path: "docs/history.md", line: 1 };
    const event = type === "header" ? parseHeader(own[0], place) : parseEvent(own[0], place);
    expect(Object.keys(FIELDS[type])).toEqual(
      expect.arrayContaining(Object.keys(event).filter((field) => field !== "type")),
    );
  });

  it("names every event of a topology, and every observation", () => {
    const observations = Object.keys(OBSERVATIONS);
    expect(observations.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
    const source = readFileSync(join(ROOT, "src/model/event.ts"), "utf8");
    const events = [...(/readonly event: ([^;]*);/.exec(source)?.[1] ?? "").matchAll(/"([a-z]+)"/g)];
    expect(events.length).toBeGreaterThan(6);
    for (const [, name] of events) expect(sectionOf("topology")).toContain(`| \`${name}\` |`);
  });

  it("tells the version", () => {
    expect(page).toContain(`\`schemaVersion\` in the header, now ${HISTORY_SCHEMA_VERSION}.`);
  });
});
