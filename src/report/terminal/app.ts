import type { AppResult, AppWord, ProbeResult } from "../../model/app-result.ts";
import type { Result } from "../../model/result.ts";
import {
  answerWords,
  appLife,
  appSentences,
  CONNECTION_COLUMNS,
  connectionCells,
  connectionSentence,
  isOut,
  probeCounts,
  probeOutageWords,
} from "../app-words.ts";
import type { Paint } from "./colour.ts";
import { formatMs, formatNumber } from "./format.ts";
import {
  type Cell,
  type Column,
  hanging,
  indent,
  joinParts,
  naturalWidth,
  tableLines,
  unbroken,
  widthOf,
} from "./layout.ts";

const MARGIN = 2;
const LABEL = "Application  ";
const ANSWERS_MAX = 4;
/**
 * How a table of probes is drawn: `little` has headings of two lines, and failed and unknown in one column; `least`
 * tells these below the table.
 */
const ROOMS = ["enough", "little", "least"] as const;
type Room = (typeof ROOMS)[number];

/**
 * The application under the drill: what was started, what became of it, a table of its probes with what they asked and
 * were answered, and, where it is stuck, where its connections were. Nothing where there was none.
 */
export function appLines({ app }: Result, paint: Paint, width: number): string[] {
  if (app === undefined) return [];
  const behind = " ".repeat(LABEL.length);
  const named = hanging(paint.strong(LABEL), app.started ?? "ran already", width);
  return [
    ...named,
    ...sentences(app, paint, width - LABEL.length).map((line) => behind + line),
    ...hanging(behind, joinParts(appLife(app)), width).map(paint.faint),
    ...indent(probeLines(app.probes, paint, width - MARGIN), MARGIN),
    ...(app.words.includes("STUCK") ? indent(connectionLines(app, paint, width - MARGIN), MARGIN) : []),
  ];
}

/** The words that stand behind a verdict: `  STUCK, LOST`. */
export function paintedWords(result: Pick<Result, "app" | "verdict">, paint: Paint): string {
  const words = result.app?.words ?? [];
  return words.map((word) => paint.strong(painted(word, result.verdict, paint))).join(", ");
}

/** What a passing drill allowed is in doubt, not bad. */
function painted(word: AppWord, verdict: Result["verdict"], paint: Paint): string {
  if (word === "RECOVERED") return paint.good(word);
  return verdict === "pass" ? paint.doubt(word) : paint.bad(word);
}

function sentences(app: AppResult, paint: Paint, width: number): string[] {
  if (app.words.length === 0) return [paint.doubt("what became of it is not known; the checks say why")];
  return appSentences(app).flatMap(({ word, text }) =>
    hanging(`${word === "RECOVERED" ? paint.good(word) : paint.bad(word)}: `, text, width),
  );
}

function probeLines(probes: readonly ProbeResult[], paint: Paint, width: number): string[] {
  if (probes.length === 0) return [];
  const tables = ROOMS.map((room) => probeTable(probes, room, paint));
  const fitting = tables.findIndex(({ columns, rows }) => naturalWidth(columns, rows) <= width);
  const room = ROOMS.at(fitting) as Room;
  const table = tables.at(fitting) as (typeof tables)[number];
  const nameWidth = Math.max(...probes.map(({ name }) => widthOf(name)));
  return [
    ...tableLines(table.columns, table.rows, { width, head: paint.faint }),
    paint.faint("asked → answered"),
    ...probes.flatMap((probe) => {
      const answers = answerWords(probe, ANSWERS_MAX);
      const rest = room === "least" && probe.sent > 0 ? `; ${restOf(probe)}` : "";
      const text = `${probe.asks}${answers === "" ? "" : ` → ${answers}`}${rest}`;
      return hanging(`${paint.faint(probe.name.padEnd(nameWidth))}   `, text, width);
    }),
  ];
}

/** What has no column where there is the least room. */
function restOf({ failed, unknown, p99Ms }: ProbeResult): string {
  const within = p99Ms === null ? "" : `, 99% within ${formatMs(p99Ms)}`;
  return `${formatNumber(failed)} failed, ${formatNumber(unknown)} unknown${within}`;
}

function probeTable(probes: readonly ProbeResult[], room: Room, paint: Paint) {
  const right = { align: "right" as const };
  const narrow = room !== "enough";
  const all: { column: Column; cell: (probe: ProbeResult) => Cell; drop?: boolean }[] = [
    { column: { title: "probe", paint: paint.strong }, cell: ({ name }) => name },
    { column: { title: "sent", ...right }, cell: (probe) => probeCounts(probe)[0] ?? "" },
    { column: { title: "ok", ...right }, cell: (probe) => probeCounts(probe)[1] ?? "" },
    {
      column: { title: "failed +\nunknown", ...right },
      cell: (probe) => unbroken(probe.sent === 0 ? "—" : probeCounts(probe).slice(2).join(" + ")),
      drop: room !== "little",
    },
    { column: { title: "failed", ...right }, cell: (probe) => probeCounts(probe)[2] ?? "", drop: narrow },
    { column: { title: "unknown", ...right }, cell: (probe) => probeCounts(probe)[3] ?? "", drop: narrow },
    { column: { title: "outage", ...right }, cell: (probe) => outageCell(probe, paint) },
    {
      column: { title: narrow ? "99%\nwithin" : "99% within", ...right },
      cell: ({ p99Ms }) => (p99Ms === null ? "—" : unbroken(formatMs(p99Ms))),
      drop: room === "least",
    },
    {
      column: { title: "lost", ...right },
      cell: ({ lost }) => alarmed(lost, paint),
      drop: probes.every(({ lost }) => lost === null),
    },
    {
      column: { title: narrow ? "dupli-\ncated" : "duplicated", ...right },
      cell: ({ duplicated }) => alarmed(duplicated, paint),
      drop: probes.every(({ duplicated }) => duplicated === null),
    },
  ];
  const kept = all.filter(({ drop }) => !drop);
  return {
    columns: kept.map(({ column }) => column),
    rows: probes.map((probe) => kept.map(({ cell }) => cell(probe))),
  };
}

function outageCell(probe: ProbeResult, paint: Paint): Cell {
  const text = probeOutageWords(probe);
  return isOut(probe) ? { text, paint: paint.bad } : text;
}

function alarmed(count: number | null, paint: Paint): Cell {
  if (count === null) return "—";
  const text = formatNumber(count);
  return count === 0 ? text : { text, paint: paint.bad };
}

function connectionLines({ connections }: AppResult, paint: Paint, width: number): string[] {
  if (connections.length === 0) return [];
  const rows = connections.map((at): Cell[] => {
    const [role = "", ...rest] = connectionCells(at);
    return [at.node, at.superseded ? { text: role, paint: paint.bad } : role, ...rest];
  });
  const columns = CONNECTION_COLUMNS.map((title, index): Column => {
    const isEmpty = rows.every((row) => row[index] === "");
    return isEmpty ? {} : { title, align: index === 2 || index === 5 ? "right" : "left" };
  });
  const kept = columns.flatMap(({ title }, index) => (title === undefined ? [] : [index]));
  const shown = kept.map((index) => columns[index] as Column);
  const cells = rows.map((row) => kept.map((index) => row[index] ?? ""));
  const title = "Its connections, when the drill looked last";
  if (naturalWidth(shown, cells) <= width)
    return [title, ...tableLines(shown, cells, { width, head: paint.faint })];
  const nameWidth = Math.max(...connections.map(({ node }) => widthOf(node)));
  return [
    title,
    ...connections.flatMap((at) =>
      hanging(`${paint.faint(at.node.padEnd(nameWidth))}   `, connectionSentence(at), width),
    ),
  ];
}
