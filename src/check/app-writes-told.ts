import { expectedOf } from "./app/expected.ts";
import { type AppLosses, appLossesOf, ownLossesNote } from "./app/loss-causes.ts";
import { type JudgedWrite, mostLost, type WriteFates } from "./app/writes.ts";
import { type EvidenceTable, type Found, plural } from "./checker.ts";
import { type Facts, toSeconds } from "./facts.ts";

export function lossText(facts: Facts, { probe, lost, acknowledged, untold }: WriteFates): string {
  const most = mostLost(facts, probe.name);
  const limit = expectedOf(facts, probe.name).lost === undefined ? "" : `; at most ${most} may be`;
  const causes = appLossesOf(facts, lost).map(({ count, text }) => `${count} ${text}`);
  const more = untold.length > 0 ? ` (of ${untold.length} more nobody can tell)` : "";
  return (
    `${lost.length} of ${plural(acknowledged, "acknowledged write")} of ${probe.name} ${isAre(lost.length)} ` +
    `gone${limit}${more}: ${causes.join("; ")}`
  );
}

export function duplicatedText(facts: Facts, { probe, duplicated, writes }: WriteFates): string {
  const most = expectedOf(facts, probe.name).duplicated;
  const limit = most === undefined ? "" : `; at most ${most} may be`;
  const unsure = duplicated.filter(({ outcome }) => outcome !== "ok").length;
  const how = unsure > 0 ? `, ${unsure} of which had not been acknowledged` : "";
  return (
    `${duplicated.length} of ${plural(writes.length, "write")} of ${probe.name} ` +
    `${duplicated.length === 1 ? "was" : "were"} done more than once${how}${limit}`
  );
}

export function passText(
  facts: Facts,
  { probe, lost, duplicated, acknowledged, seesTwice }: WriteFates,
): string {
  const { name } = probe;
  const writes = plural(acknowledged, "acknowledged write");
  const twice = duplicated.length === 0 ? "each once" : `${duplicated.length} done more than once`;
  if (lost.length === 0) return `all ${writes} of ${name} are there${seesTwice ? `, ${twice}` : ""}`;
  const more = seesTwice
    ? `; ${duplicated.length === 0 ? "none" : duplicated.length} done more than once`
    : "";
  return `${lost.length} of ${writes} of ${name} ${isAre(lost.length)} gone: ${causesText(facts, lost)}${more}`;
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

export function evidenceOf(
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
