import type { FailoverResult, PhaseResult, Result } from "../../model/result.ts";
import type { Paint } from "./colour.ts";
import { formatMs, formatMsLike } from "./format.ts";
import { type Column, hanging, indent, joinParts, tableLines, unbroken, widthOf } from "./layout.ts";

const MARGIN = 2;
const LABEL = "Failover     ";
const BAR_MIN = 8;
const BAR_MAX = 40;
const GAP = 3;
/** Steps that took less than this share of the outage are no use to turn at. */
const WORTH_TURNING = 0.05;
const TURNED_MAX = 3;
const VALUE_MAX = 16;

/**
 * The failover on its way from the last success to the first of the lasting recovery: when each phase was reached since
 * the fault, how long it took, how much of that its setting makes unavoidable, and a bar that stands where the time was
 * spent: thin where it was unavoidable. Then what to turn, and what came beside it.
 */
export function timelineLines(result: Result, paint: Paint, width: number): string[] {
  const { failover } = result;
  const path = failover.phases.filter((phase) => phase.path);
  const shown = path.length > 0 ? path : failover.phases;
  const below = width - MARGIN;
  return [
    ...titleLines(result, paint, width),
    ...(shown.length === 0 ? [] : indent(phaseTable(shown, paint, below), MARGIN)),
    ...indent(adviceLines(failover, paint, below), MARGIN),
    ...(path.length > 0 ? indent(besideLines(failover, paint, below), MARGIN) : []),
    ...indent(otherLines(result, paint, below), MARGIN),
  ];
}

function titleLines({ failover, needlessFailovers }: Result, paint: Paint, width: number): string[] {
  const { promoted, outageMs, unavoidableMs, fault } = failover;
  const who =
    promoted === null
      ? paint.faint("no promotion seen")
      : `${promoted.from} ${paint.accent("→")} ${promoted.to}`;
  const needless = `${needlessFailovers} needless ${needlessFailovers === 1 ? "failover" : "failovers"}`;
  const parts = [
    ...(fault === null ? [] : [fault.name]),
    who,
    ...(needlessFailovers > 0 ? [paint.bad(needless)] : []),
  ];
  const within = failover.outageErrorMs ? ` ± ${formatMs(failover.outageErrorMs)}` : "";
  const spent =
    `${formatMs(outageMs ?? 0)}${within} from the last success to the first that lasts; unavoidable ` +
    `with these settings: ${formatMs(unavoidableMs)}`;
  return [
    ...hanging(paint.strong(LABEL), joinParts(parts), width),
    ...(outageMs === null || outageMs === 0 ? [] : hanging(" ".repeat(LABEL.length), spent, width)),
  ];
}

function phaseTable(phases: readonly PhaseResult[], paint: Paint, width: number): string[] {
  const [first, last] = [phases[0] as PhaseResult, phases.at(-1) as PhaseResult];
  const say = formatMsLike(last.atMs);
  const column = (title: string, cells: readonly string[], more: Partial<Column> = {}) => ({
    ...more,
    title,
    cells,
    width: Math.max(widthOf(title), ...cells.map(widthOf)),
  });
  const right = { align: "right" } as const;
  const limitingSettings = phases.map(({ governedBy }) => (governedBy?.setting ? governedBy : undefined));
  const setting = column(
    "set by",
    limitingSettings.map((one) => (one ? settingText(one) : "")),
  );
  const least = column(
    "at least",
    phases.map(({ governedBy }) => (governedBy?.unavoidableMs ? say(governedBy.unavoidableMs) : "")),
    { ...right, paint: paint.doubt },
  );
  const since = column(
    "since fault",
    phases.map(({ atMs }) => say(atMs)),
    { ...right, paint: paint.strong },
  );
  const exact = column(
    "",
    phases.map(({ errorMs }) => (errorMs ? `±${Math.ceil(errorMs)}` : "")),
    { paint: paint.faint },
  );
  const fixed = [
    column(
      "",
      phases.map(({ name }) => name),
    ),
    since,
    ...(exact.width > 0 ? [exact] : []),
    column(
      "step",
      phases.map(({ since, tookMs }) => (since === null ? "" : `+${say(tookMs)}`)),
      right,
    ),
  ];
  // A setting may be parted from its value, but no name is broken. What does not fit is left out: first the bar.
  const rest = width - fixed.reduce((sum, one) => sum + one.width + GAP, 0);
  const shortest = Math.max(
    setting.title.length,
    ...limitingSettings.map((one) => widthOf(one?.setting ?? "")),
  );
  const room = rest - least.width - GAP - GAP - BAR_MIN;
  const settingWidth = Math.min(setting.width, Math.max(shortest, room));
  const barWidth = Math.min(BAR_MAX, rest - least.width - GAP - settingWidth - GAP);
  const columns = [
    ...fixed,
    ...(rest - least.width - GAP < shortest ? [] : [least]),
    ...(rest < shortest ? [] : [setting]),
  ];
  if (barWidth >= BAR_MIN) {
    const bars = phases.map((phase) => bar(phase, first.atMs, last.atMs, barWidth));
    columns.push(column("", bars, { paint: paint.accent }));
  }
  const rows = phases.map((_, index) => columns.map(({ cells }) => cells[index] ?? ""));
  return tableLines(columns, rows, { width, head: paint.faint });
}

/** Thin for what was unavoidable, thick for the rest. Never empty: a step too short to draw still happened. */
function bar(
  { atMs, tookMs, governedBy }: PhaseResult,
  firstMs: number,
  lastMs: number,
  width: number,
): string {
  const scale = width / Math.max(1, lastMs - firstMs);
  const from = Math.min(width - 1, Math.round((atMs - tookMs - firstMs) * scale));
  const to = Math.max(from + 1, Math.round((atMs - firstMs) * scale));
  if (tookMs === 0) return `${unbroken(" ".repeat(from))}╿`;
  const thin = Math.min(to - from, Math.round((governedBy?.unavoidableMs ?? 0) * scale));
  return unbroken(" ".repeat(from)) + "─".repeat(thin) + "━".repeat(to - from - thin);
}

/** The longest steps, and what to turn. */
function adviceLines({ phases, outageMs }: FailoverResult, paint: Paint, width: number): string[] {
  if (outageMs === null || outageMs === 0) return [];
  return phases
    .filter(({ path, tookMs, governedBy }) => path && governedBy && tookMs >= outageMs * WORTH_TURNING)
    .sort((a, b) => b.tookMs - a.tookMs)
    .slice(0, TURNED_MAX)
    .flatMap(({ name, tookMs, governedBy }) => {
      if (!governedBy) return [];
      const what = governedBy.setting === null ? "nothing to turn" : settingText(governedBy);
      const least = governedBy.unavoidableMs ? `, at least ${formatMs(governedBy.unavoidableMs)}` : "";
      const text = `${name} took ${formatMs(tookMs)}${least} (${what}): ${governedBy.note}`;
      return hanging(`${paint.accent("→")} `, text, width);
    });
}

/** What did not decide how long the service was away. */
function besideLines({ phases }: FailoverResult, paint: Paint, width: number): string[] {
  const beside = phases.filter(({ path, name }) => !path && name !== "fault");
  if (beside.length === 0) return [];
  const parts = beside.map(({ name, atMs, tookMs, since }) => {
    const when = unbroken(`${name} ${formatMs(atMs)}`);
    if (since === null || since === "fault" || tookMs === atMs) return when;
    return `${when} ${unbroken(`(${formatMs(tookMs)} after ${since})`)}`;
  });
  return hanging(paint.faint("beside it: "), parts.join(" · "), width);
}

/** Other faults that disrupted the service, each in one line. */
function otherLines({ failover, failovers }: Result, paint: Paint, width: number): string[] {
  return failovers
    .filter(({ fault }) => fault?.atMs !== failover.fault?.atMs)
    .flatMap(({ fault, promoted, outageMs }) => {
      const who = promoted === null ? [] : [`${promoted.from} → ${promoted.to}`];
      const spent =
        outageMs === null ? "not recovered, or not measured" : `${formatMs(outageMs)} without service`;
      return hanging(paint.faint("also: "), joinParts([fault?.name ?? "", ...who, spent]), width);
    });
}

/** A long value may be broken. */
function settingText({ setting, value }: NonNullable<PhaseResult["governedBy"]>): string {
  if (value === null) return `${setting}`;
  return `${setting} ${widthOf(value) > VALUE_MAX ? value : unbroken(value)}`;
}
