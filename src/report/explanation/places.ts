import type { ExplainedPhase, Explanation, QuotedLine, ReasonTold } from "../../model/explanation.ts";
import { formatNumber } from "../numbers.ts";

/** So many places stand behind a sentence. */
const SHOWN = 3;

/** `sentinel-1.log:12 · primary.log:31 · and 2 more`. */
export function placesOf(lines: readonly QuotedLine[]): string {
  const all = [...new Set(lines.map(({ file, line }) => `${file}:${line}`))];
  const rest = all.length > SHOWN ? [`and ${all.length - SHOWN} more`] : [];
  return [...all.slice(0, SHOWN), ...rest].join(" · ");
}

/** `down-after-milliseconds 2000 ms`; nothing where there is no setting. */
export function settingWords({ setting, value }: { setting: string | null; value: string | null }): string {
  if (setting === null) return "";
  return value === null ? setting : `${setting} ${value}`;
}

/** How far a phase may be off, in ms: `±6`; `±?` where nothing ties its clock to the others. */
export function errorWords({ errorMs, clockKnown }: ExplainedPhase): string {
  if (!clockKnown) return "±?";
  return errorMs ? `±${Math.ceil(errorMs)}` : "";
}

/** A setting that was inferred has a star behind it. */
export function governedWords({ governedBy, inferred }: ExplainedPhase): string {
  if (!governedBy) return "";
  return `${settingWords(governedBy)}${inferred ? " *" : ""}`;
}

/** A reason with its setting: `…: down-after-milliseconds 2000 ms`. */
export function reasonWords(reason: ReasonTold): string {
  return [reason.text, settingWords(reason)].filter(Boolean).join(": ");
}

/** What was read: how many lines, of how many nodes; then the versions, and from when until when. */
export function readWords({ nodes, totals, from, to }: Explanation): [string, string, ...string[]] {
  const logged = nodes.filter(({ files }) => files.length > 0).length;
  const versions = [...new Set(nodes.flatMap(({ version }) => version ?? []))].join(", ");
  return [
    `${formatNumber(totals.logLines)} lines of logs`,
    `${logged} of ${nodes.length} nodes with a log`,
    ...(versions === "" ? [] : [versions]),
    ...(from === null || to === null ? [] : [`${dayAndSecond(from)} to ${dayAndSecond(to)} UTC`]),
  ];
}

/** `2026-11-29 04:31:50`. */
export function dayAndSecond(iso: string): string {
  return iso.slice(0, 19).replace("T", " ");
}

/**
 * The same with the folder left out that all files are in: a person reads names, not paths.
 *
 * @returns `folder`: that folder with its last slash; empty: they have none in common
 */
export function withoutFolder(explanation: Explanation): { explanation: Explanation; folder: string } {
  const files = [...new Set(explanation.nodes.flatMap((node) => node.files))];
  const folder = files.length < 2 ? "" : files.map(folderOf).reduce(commonFolder);
  if (folder.length < LONG_FOLDER) return { explanation, folder: "" };
  return { explanation: mapped(explanation, (text) => text.replaceAll(folder, "")) as Explanation, folder };
}

/** A shorter one is left in. */
const LONG_FOLDER = 8;

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf("/") + 1);
}

function commonFolder(a: string, b: string): string {
  let common = a;
  while (!b.startsWith(common)) common = folderOf(common.slice(0, -1));
  return common;
}

function mapped(data: unknown, text: (raw: string) => string): unknown {
  if (typeof data === "string") return text(data);
  if (Array.isArray(data)) return data.map((one) => mapped(one, text));
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, mapped(value, text)]));
}
