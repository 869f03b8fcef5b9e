import { called, type Known } from "./told.ts";

/** What became of the primary, as the end of a sentence that begins with the time. */
export function beginText(known: Known): string {
  const { incident, begin } = known;
  const who = `the primary ${called(known, incident.primary)}`;
  switch (begin.code) {
    case "shut-down":
      return `${who} was shut down${detail(known, "shutdown-asked")}`;
    case "crashed":
      return `${who} crashed`;
    case "out-of-memory":
      return `${who} was out of memory`;
    case "process-ended":
      return `the process of ${who} ended without a word: its connections broke off, ${proof(known)}`;
    case "restarted":
      return `${who} was started anew, before anybody took its place`;
    case "cut-off":
      return `${who} was no longer reached by the others, though it was running: its own log goes on`;
    case "stood-still":
      return `${who} stood still`;
    case "not-reached":
      return (
        `${who} did not answer any more; it was not started anew, so it stood still or was cut off, and which ` +
        `of the two its log does not tell`
      );
    case "silent":
      return (
        `${who} did not answer any more, and its log ends there: whether its process ended, stood still or was ` +
        `cut off, no line tells`
      );
    case "asked":
      return incident.promoted === undefined
        ? `a failover of ${who} was asked for${inWords(known)}`
        : `${called(known, incident.promoted)} was told to take the place of ${who}${inWords(known)}`;
    case "unknown":
      return `${who} did not answer any more; why, its own log would tell, which was not given`;
  }
}

function detail({ begin }: Known, kind: string): string {
  const words = begin.events.find((event) => event.kind === kind)?.data.detail;
  return words === undefined ? "" : ` (${words})`;
}

function inWords({ begin }: Known): string {
  const words = begin.asked?.data.detail;
  return words === undefined ? "" : ` (${words})`;
}

function proof({ begin, incident }: Known): string {
  const restarted = begin.events.some(({ kind, node }) => kind === "restarted" && node === incident.primary);
  return restarted ? "and it was started anew later" : "and nothing listened at its address any more";
}
