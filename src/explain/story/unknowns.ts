import type { ReadReport } from "../model.ts";
import type { System } from "./systems.ts";

/** What cannot be known from these inputs, and which log would tell. */
export function unknowns(report: ReadReport, systems: readonly System[]): string[] {
  const missing = report.nodes.filter(({ files }) => files.length === 0);
  const what = { server: "server", sentinel: "Sentinel", unknown: "node" };
  const tells = {
    server: "whether it was running, what it had of the data, and when its own role changed",
    sentinel: "when it held the primary to be down, and whom it voted for",
    unknown: "what it saw",
  };
  const unidentified = report.nodes.filter(({ identified, files }) => !identified && files.length > 0);
  const untied = report.offsets.filter(
    ({ by, node }) =>
      by === "untied" && report.nodes.some(({ id, files }) => id === node && files.length > 0),
  );
  const hasSentinelLog = report.nodes.some(({ kind, files }) => kind === "sentinel" && files.length > 0);
  const isHa = systems.some(({ kind }) => kind === "ha");
  return [
    ...missing.map(
      ({ label, kind }) => `No log of the ${what[kind]} ${label} was given: it would tell ${tells[kind]}.`,
    ),
    ...(isHa && !hasSentinelLog && systems.length > 0
      ? ["No log of a Sentinel was given: who agreed on what, and why a replica was chosen, is not known."]
      : []),
    ...unidentified.map(
      ({ label }) =>
        `Which node wrote ${label} is not known: what others say of it cannot be joined with it.`,
    ),
    ...(report.nodes.length > 1
      ? untied.map(({ node }) => {
          const label = report.nodes.find(({ id }) => id === node)?.label ?? node;
          return `How far the clock of ${label} is off is not known: nothing in its log follows from another's.`;
        })
      : []),
  ];
}
