import { regexOf } from "../../scenario/app/pattern.ts";
import type { ProbeSpec } from "../../scenario/app/probe-schema.ts";
import type { OperationOutcome } from "../../workload/log.ts";
import type { Exit } from "../guarded.ts";
import type { Answer } from "./http.ts";

/** Refusals that do not say that nothing was done: it may be under way, or have been done before. */
const UNSURE = [408, 409, 425, 429];
/** A read-back that finds nothing. */
const NOTHING = [404, 410];
const LONGEST_BODY = 300;

/**
 * How an operation of a probe ended, by its answer. `ok`: it is right; `fail`: it surely was not done, since no
 * connection was made or it was refused; else `info`.
 */
export function judgedAnswer(probe: ProbeSpec, answer: Answer): OperationOutcome {
  if ("code" in answer) {
    const { code, message, reached } = answer;
    return { outcome: reached ? "info" : "fail", error: { class: code, message } };
  }
  const { status, body } = answer;
  const isReadBack = probe.is === "read-back";
  if (probe.ok.some((one) => isStatus(one, status))) {
    if (probe.body !== undefined && !regexOf(probe.body).test(body))
      return { outcome: "info", error: { class: "NOT-OK", message: `${status} ${begin(body)}` } };
    const times = probe.times === undefined ? undefined : timesIn(body, probe.times);
    if (Number.isNaN(times))
      return { outcome: "info", error: { class: "NOT-OK", message: `no number of times in ${begin(body)}` } };
    if (times === undefined) return { outcome: "ok", ...(isReadBack && { value: "1" }) };
    return { outcome: "ok", value: isReadBack && times === 0 ? null : String(times) };
  }
  if (isReadBack && NOTHING.includes(status)) return { outcome: "ok", value: null };
  const isRefusal = status >= 400 && status < 500 && !UNSURE.includes(status);
  return {
    outcome: isRefusal ? "fail" : "info",
    error: { class: `HTTP-${status}`, message: `${status} ${begin(body)}`.trimEnd() },
  };
}

/** How a command ended: code 0 is right; undefined: it was not done in time. */
export function judgedExit(exit: Exit | undefined, lastLines: string, deadlineMs: number): OperationOutcome {
  if (exit === undefined) {
    const message = `not done within ${deadlineMs} ms; it printed: ${lastLines || "nothing"}`;
    return { outcome: "info", error: { class: "TIMEOUT", message } };
  }
  if (exit.code === 0) return { outcome: "ok" };
  const how = exit.signal ?? `EXIT-${exit.code}`;
  return { outcome: "fail", error: { class: how, message: lastLines || "it printed nothing" } };
}

/** In one line, for people: `503 {"error":…}`, `TIMEOUT: no answer within 2000 ms`. */
export function seenIn(end: OperationOutcome, answer?: Answer): string {
  if (end.error) return `${end.error.class}: ${end.error.message}`;
  if (answer === undefined || "code" in answer) return "exit code 0";
  return `${answer.status} ${begin(answer.body)}`.trimEnd();
}

/** `200`, or `2xx`. */
function isStatus(pattern: string, status: number): boolean {
  const text = String(status);
  return pattern === text || (pattern.endsWith("xx") && pattern[0] === text[0]);
}

/** The number in the first group, else how often it matches. NaN: the group is no number. */
function timesIn(body: string, pattern: string): number {
  const regex = regexOf(pattern);
  const all = [...body.matchAll(new RegExp(regex.source, `${regex.flags.replace("g", "")}g`))];
  const [first] = all;
  if (first === undefined) return 0;
  return first.length > 1 ? Number(first[1] === "" ? Number.NaN : first[1]) : all.length;
}

function begin(body: string): string {
  const text = body.replace(/\s+/g, " ").trim();
  return text.length > LONGEST_BODY ? `${text.slice(0, LONGEST_BODY)}…` : text;
}
