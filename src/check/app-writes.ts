import { everOk, rightBefore, sentAround } from "./app/coverage.ts";
import { expectedOf, limited } from "./app/expected.ts";
import { type AppLosses, appLossesOf, ownLossesNote } from "./app/loss-causes.ts";
import { type ProbeView, probeViews } from "./app/probes.ts";
import { appWriteFates, type JudgedWrite, type WriteFates } from "./app/writes.ts";
import { type Checker, type EvidenceTable, type Found, plural, type Requirement } from "./checker.ts";
import { asks } from "./expectations.ts";
import { type Facts, toSeconds } from "./facts.ts";

const JUDGED = ["probes.*.lost", "probes.*.duplicated"];
const ADD = `Add a read-back: "{ name: stored, http: GET /orders/{{unique}}, is: read-back, of: order, when: eventually }"`;

/** Every write of the application, judged by what its read-backs and its deliveries tell: lost, or done twice? */
export const appWrites: Checker = {
  name: "app-writes",
  summary:
    "no write that the application acknowledged is gone, and none was done twice, by read-backs and deliveries",
  judges: JUDGED.map((path) => ({ path, add: ADD })),
  applies: (facts) =>
    facts.header.app !== undefined &&
    (JUDGED.some((path) => asks(facts, path)) || judgedFates(facts).length > 0),
  requires,
  check(facts) {
    const all = judgedFates(facts);
    const evidence = evidenceOf(facts, all);
    const fail = (reason: string, summary: string): Found => ({
      verdict: "fail",
      summary,
      evidence: { reason, ...evidence },
    });
    const losing = all.find(({ probe, lost }) => lost.length > mostLost(facts, probe.name));
    if (losing) return fail(LOST, lossText(facts, losing));
    const twice = all.find(
      ({ probe, duplicated }) => duplicated.length > (expectedOf(facts, probe.name).duplicated ?? 0),
    );
    if (twice) return fail("writes-duplicated", duplicatedText(facts, twice));
    return { verdict: "pass", summary: all.map((one) => passText(facts, one)).join("; "), evidence };
  },
  accepted: (facts) =>
    judgedFates(facts).flatMap(({ probe, lost, duplicated }) => [
      {
        what: "lost-application-writes",
        count: lost.length,
        told: `${plural(lost.length, "lost write")} of ${probe.name}`,
        allowedBy: `expect.${probe.name}.lost`,
      },
      {
        what: "duplicated-application-writes",
        count: duplicated.length,
        told: `${plural(duplicated.length, "write")} of ${probe.name} done more than once`,
        allowedBy: `expect.${probe.name}.duplicated`,
      },
    ]),
  appWords: (facts, { verdict, evidence }) => {
    if (verdict === "unknown" && evidence.reason !== UNTOLD) return [];
    const all = judgedFates(facts);
    return [
      ...(all.some(({ lost }) => lost.length > 0) ? (["LOST"] as const) : []),
      ...(all.some(({ duplicated }) => duplicated.length > 0) ? (["DUPLICATED"] as const) : []),
    ];
  },
};

const LOST = "writes-lost";
const UNTOLD = "fates-not-told";

/** Of the probes that write: those that somebody reads back, or whose effects are told. */
function judgedFates(facts: Facts): WriteFates[] {
  return appWriteFates(facts).filter(({ detectors, writes }) => detectors.length > 0 && writes.length > 0);
}

function mostLost(facts: Facts, name: string): number {
  return expectedOf(facts, name).lost ?? 0;
}

function requires(facts: Facts): Requirement[] {
  const named = [...new Set([...limited(facts, "lost"), ...limited(facts, "duplicated")])];
  const fates = appWriteFates(facts);
  const asked = named.flatMap((name) => {
    const own = fates.find(({ probe }) => probe.name === name);
    return own ? observable(facts, own) : [noWrite(name)];
  });
  const judged = fates.filter(({ probe, detectors }) => detectors.length > 0 || named.includes(probe.name));
  return [rightBefore(facts), ...asked, ...judged.flatMap((one) => ofFates(facts, one, named))];
}

function noWrite(name: string): Requirement {
  return {
    reason: "no-write-probe",
    needs: `a probe ${name} that writes`,
    met: false,
    seen: `no probe ${name} writes, so nothing of it could be lost or done twice`,
    add: `Let probe ${name} say "is: write", or take its lost and duplicated out of expect`,
  };
}

/** What is limited must be seen by somebody. */
function observable(facts: Facts, { probe, detectors, seesTwice }: WriteFates): Requirement[] {
  const { lost, duplicated } = expectedOf(facts, probe.name);
  const { name } = probe;
  return [
    ...(lost === undefined
      ? []
      : [sees("lost", name, detectors.length > 0, readBackLine(probe.asks, name, false))]),
    ...(duplicated === undefined
      ? []
      : [sees("duplicated", name, seesTwice, readBackLine(probe.asks, name, true))]),
  ];
}

function sees(limit: "lost" | "duplicated", name: string, met: boolean, add: string): Requirement {
  const told = limit === "lost" ? "whether a write is gone" : "how often a write was done";
  return {
    reason: limit === "lost" ? "losses-not-observable" : "duplicates-not-observable",
    needs: `a probe that tells ${told} (expect.${name}.${limit})`,
    met,
    seen: `no probe tells ${told}: expect.${name}.${limit} could not be held against anything`,
    add,
  };
}

/** The line that is lacking, with the path of the write. */
function readBackLine(asks: string, of: string, counts: boolean): string {
  const path = /^\s*[A-Z]+\s+([^\s?]+)/.exec(asks)?.[1] ?? "/orders";
  const probe = `{ name: stored, http: "GET ${path}/{{unique}}", is: read-back, of: ${of}, when: eventually }`;
  const counting = counts
    ? `, whose answer tells how often it was done, or one that is told on standard output:`
    : ":";
  const delivered = counts
    ? ` "{ name: event, stdout: '/done (?<id>\\S+)/', is: delivered, of: ${of} }"`
    : "";
  return counts ? `Add a probe that counts${counting}${delivered}` : `Add a read-back${counting} "${probe}"`;
}

function ofFates(facts: Facts, fates: WriteFates, named: readonly string[]): Requirement[] {
  const view = probeViews(facts).find(({ probe }) => probe === fates.probe) as ProbeView;
  const isAsked = named.includes(fates.probe.name);
  return [
    everOk(facts, view),
    ...fates.detectors.map((detector) => everFound(facts, fates, detector)),
    ...(isAsked && view.sent.length > 0 ? sentAround(facts, view) : []),
    ...(fates.detectors.length > 0 ? [told(facts, fates)] : []),
  ];
}

/** One that never found anything asks for the wrong thing, as far as anybody can tell. */
function everFound(facts: Facts, { probe, acknowledged }: WriteFates, detector: ProbeView): Requirement {
  const { name, asks, is } = detector.probe;
  if (is === "delivered") return { ...everOk(facts, detector), before: [LOST] };
  const found = detector.operations.some(({ outcome, result }) => outcome === "ok" && result !== null);
  const never = detector.operations.every(({ outcome }) => outcome !== "ok");
  if (never) return { ...everOk(facts, detector), before: [LOST] };
  return {
    reason: "read-back-never-found",
    needs: `${name}: one write of ${probe.name} found at the least`,
    met: found || acknowledged === 0,
    seen: `${name} (${asks}) found none of the writes of ${probe.name}: nobody knows whether it looks at the right place`,
    add: `See whether ${asks} is right, and let it be sent before the fault as well: "when: [during, eventually]"`,
    before: [LOST],
  };
}

/** So many that what could not be told does not matter. */
function told(facts: Facts, { probe, lost, untold, acknowledged }: WriteFates): Requirement {
  const most = mostLost(facts, probe.name);
  const [first] = untold;
  const why = first?.why === undefined ? "" : ` (${first.why})`;
  return {
    reason: UNTOLD,
    needs: `${probe.name}: what became of each acknowledged write`,
    met: untold.length === 0 || (lost.length + untold.length <= most && untold.length < acknowledged),
    seen:
      `of ${untold.length} of ${plural(acknowledged, "acknowledged write")} of ${probe.name} nobody can tell whether ` +
      `they are there${why}`,
    add: `Let a read-back of ${probe.name} be sent until it is right: "when: eventually"`,
  };
}

function lossText(facts: Facts, { probe, lost, acknowledged, untold }: WriteFates): string {
  const most = mostLost(facts, probe.name);
  const limit = expectedOf(facts, probe.name).lost === undefined ? "" : `; at most ${most} may be`;
  const causes = appLossesOf(facts, lost).map(({ count, text }) => `${count} ${text}`);
  const more = untold.length > 0 ? ` (of ${untold.length} more nobody can tell)` : "";
  return (
    `${lost.length} of ${plural(acknowledged, "acknowledged write")} of ${probe.name} ${isAre(lost.length)} ` +
    `gone${limit}${more}: ${causes.join("; ")}`
  );
}

function duplicatedText(facts: Facts, { probe, duplicated, writes }: WriteFates): string {
  const most = expectedOf(facts, probe.name).duplicated;
  const limit = most === undefined ? "" : `; at most ${most} may be`;
  const unsure = duplicated.filter(({ outcome }) => outcome !== "ok").length;
  const how = unsure > 0 ? `, ${unsure} of which had not been acknowledged` : "";
  return (
    `${duplicated.length} of ${plural(writes.length, "write")} of ${probe.name} ` +
    `${duplicated.length === 1 ? "was" : "were"} done more than once${how}${limit}`
  );
}

function passText(facts: Facts, { probe, lost, duplicated, acknowledged, seesTwice }: WriteFates): string {
  const { name } = probe;
  const writes = plural(acknowledged, "acknowledged write");
  const there =
    lost.length === 0
      ? `all ${writes} of ${name} are there`
      : `${lost.length} of ${writes} of ${name} ${isAre(lost.length)} gone: ${causesText(facts, lost)}`;
  if (!seesTwice) return there;
  return duplicated.length === 0 ? `${there}, each once` : `${there}, ${duplicated.length} more than once`;
}

function causesText(facts: Facts, lost: readonly JudgedWrite[]): string {
  return appLossesOf(facts, lost)
    .map(({ count, text }) => `${count} ${text}`)
    .join("; ");
}

function isAre(count: number): string {
  return count === 1 ? "is" : "are";
}

/** Writes listed in the evidence; the history has them all. */
const LISTED = 1000;
/** And in a table. */
const SHOWN = 20;

function evidenceOf(
  facts: Facts,
  all: readonly WriteFates[],
): Found["evidence"] & { tables: EvidenceTable[] } {
  const losses = all.map(({ probe, lost }) => ({ name: probe.name, by: appLossesOf(facts, lost) }));
  const ids = (of: (fates: WriteFates) => readonly JudgedWrite[]) =>
    all.flatMap((fates) => of(fates).map(({ id }) => id)).slice(0, LISTED);
  return {
    lost: ids(({ lost }) => lost),
    duplicated: ids(({ duplicated }) => duplicated),
    untold: all.reduce((sum, { untold }) => sum + untold.length, 0),
    tables: [fateTable(all), ...lossTable(losses), ...notableTable(all)],
    notes: [
      ...(losses.some(({ by }) => by.length > 0) ? ownLossesNote(facts) : []),
      ...all.flatMap(recoveredNote),
    ],
  };
}

function fateTable(all: readonly WriteFates[]): EvidenceTable {
  return {
    title: "What became of the writes of the application",
    columns: [
      "probe",
      "sent",
      "acknowledged",
      "gone",
      "done more than once",
      "not acknowledged, and done",
      "not told",
    ],
    rows: all.map(({ probe, writes, acknowledged, lost, duplicated, recovered, untold, seesTwice }) => [
      probe.name,
      writes.length,
      acknowledged,
      lost.length,
      seesTwice ? duplicated.length : "no probe can tell",
      recovered.length,
      untold.length,
    ]),
  };
}

function lossTable(losses: readonly { name: string; by: readonly AppLosses[] }[]): EvidenceTable[] {
  const rows = losses.flatMap(({ name, by }) =>
    by.map(({ cause, count, text, from, to }) => [name, cause, count, toSeconds(from), toSeconds(to), text]),
  );
  if (rows.length === 0) return [];
  const columns = ["probe", "cause", "gone", "first acknowledged", "last", "what the servers did"];
  return [{ title: "Acknowledged writes that are gone, by what the servers did", columns, rows }];
}

function notableTable(all: readonly WriteFates[]): EvidenceTable[] {
  const notable = all.flatMap(({ lost, duplicated }) => [...lost, ...duplicated]);
  if (notable.length === 0) return [];
  const rows = notable
    .slice(0, SHOWN)
    .map(({ id, write, outcome, times, toldBy }) => [
      id,
      toSeconds(write.invokedAt),
      write.completedAt === undefined ? "" : toSeconds(write.completedAt),
      outcome,
      times ?? "",
      toldBy.join(", "),
    ]);
  const columns = ["id", "sent at", "ended at", "answer", "done so often", "told by"];
  const more = notable.length > SHOWN ? ` (the first ${SHOWN} of ${notable.length})` : "";
  return [{ title: `Writes that are gone or were done more than once${more}`, columns, rows }];
}

/** What was refused for certain and was done all the same is told apart: somebody was told the contrary. */
function recoveredNote({ probe, recovered }: WriteFates): string[] {
  const refused = recovered.filter(({ outcome }) => outcome === "fail");
  const open = recovered.length - refused.length;
  return [
    ...(open > 0
      ? [
          `${plural(open, "write")} of ${probe.name} without a certain answer ${open === 1 ? "was" : "were"} done`,
        ]
      : []),
    ...(refused.length > 0
      ? [
          `${plural(refused.length, "write")} of ${probe.name} that the application refused were done all the same`,
        ]
      : []),
  ];
}
