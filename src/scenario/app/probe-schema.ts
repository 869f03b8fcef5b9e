import { z } from "zod";
import type { ProbeHeader, ProbeMeaning, ProbeTime, ProbeTransport } from "../../model/app.ts";
import { messageOf } from "../../model/errors.ts";
import { durationSchema } from "../duration.ts";
import { withInput } from "../with-input.ts";
import { type Pattern, patternSchema } from "./pattern.ts";
import { isWrite, placesIn, requestOf } from "./request.ts";

const MEANINGS = ["write", "read", "read-back", "delivered", "check"] as const satisfies ProbeMeaning[];
const TIMES = ["before", "during", "always", "after", "eventually"] as const satisfies ProbeTime[];

const requestLine = z.string().superRefine((line, context) => {
  try {
    requestOf(line);
  } catch (error) {
    context.addIssue({ code: "custom", message: messageOf(error) });
  }
});

/** `2xx`, `200`, `[200, 404]` */
const statuses = withInput<string | number | readonly (string | number)[]>()(
  z
    .union([z.string(), z.int(), z.array(z.union([z.string(), z.int()])).min(1)])
    .transform((given, context) => {
      const all = [given].flat().flatMap((one) => String(one).split(/\s*,\s*/));
      const unfit = all.find((one) => !/^[1-5](\d\d|xx)$/.test(one));
      if (unfit === undefined) return all;
      context.addIssue({ code: "custom", message: `"${unfit}" is no status, as 200 or 2xx are` });
      return z.NEVER;
    }),
);

/** One value or several. */
const times = withInput<ProbeTime | readonly ProbeTime[]>()(
  z.union([z.enum(TIMES).transform((one) => [one]), z.array(z.enum(TIMES)).min(1)]),
);

const given = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/i, "must be letters, digits and hyphens"),
  http: requestLine.optional().describe('POST /orders {"id": "{{unique}}"}'),
  stdout: patternSchema.optional().describe("Lines of its output that match; the group id is the write's."),
  command: z.string().min(1).optional().describe("A command line: exit code 0 is right."),
  is: z.enum(MEANINGS).optional(),
  of: z.string().optional().describe("The write that a read-back reads, or whose effect is delivered."),
  when: times.optional(),
  every: durationSchema.optional().describe("How often it is sent, whether the last was answered or not."),
  deadline: durationSchema.optional().describe("An answer that comes later counts as none."),
  within: durationSchema.optional().describe("eventually: how long it may take until it is right."),
  ok: statuses.optional().describe("Statuses that are right. Default: 2xx."),
  body: patternSchema.optional().describe("What the body of a right answer must match."),
  times: patternSchema
    .optional()
    .describe("Tells by the body how often the write was done: the number in its group, or its matches."),
  headers: z.record(z.string().min(1), z.string()).optional(),
});

/** A probe, every default filled in. Times in ms. */
export interface ProbeSpec extends Omit<ProbeHeader, "deadlineMs" | "countsTimes"> {
  readonly deadlineMs: number;
  readonly withinMs: number;
  readonly ok: readonly string[];
  readonly body?: Pattern;
  readonly times?: Pattern;
  readonly headers: Readonly<Record<string, string>>;
}

/** As it stands in a scenario. */
export type ProbeInput = z.input<typeof given>;

/** What is not given, by what the probe means. */
const WHEN: Readonly<Record<ProbeMeaning, readonly ProbeTime[]>> = {
  write: ["during"],
  read: ["during"],
  "read-back": ["eventually"],
  delivered: ["always"],
  check: ["before", "after"],
};
/** A command starts a process each time. */
const EVERY_MS: Readonly<Record<ProbeTransport, number>> = { http: 50, command: 1000, stdout: 0 };
const DEADLINE_MS: Readonly<Record<ProbeTransport, number>> = { http: 2000, command: 30_000, stdout: 0 };
const WITHIN_MS = 30_000;

/** A probe with its defaults; `of` is settled where all probes are known. */
export const probeSchema = withInput<ProbeInput>()(
  given.transform((probe, context): ProbeSpec => {
    const ways = (["http", "stdout", "command"] as const).filter((way) => probe[way] !== undefined);
    const [by] = ways;
    if (by === undefined || ways.length > 1) {
      const message = `a probe has one of http, stdout and command; ${ways.join(" and ") || "none"} is given`;
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    }
    const asks = probe[by] as string;
    const is = probe.is ?? meaningOf(by, asks, probe.of);
    const when = probe.when ?? WHEN[is];
    const isSent = when.includes("during") || when.includes("always");
    const everyMs = probe.every ?? (isSent && by !== "stdout" ? EVERY_MS[by] : undefined);
    return {
      ...{ name: probe.name, by, asks, is, when },
      ...(probe.of !== undefined && { of: probe.of }),
      ...(everyMs !== undefined && { everyMs }),
      deadlineMs: probe.deadline ?? DEADLINE_MS[by],
      withinMs: probe.within ?? WITHIN_MS,
      ok: probe.ok ?? ["2xx"],
      ...(probe.body !== undefined && { body: probe.body }),
      ...(probe.times !== undefined && { times: probe.times }),
      headers: probe.headers ?? {},
    };
  }),
);

/** It is sent again and again while the steps run: it tells whether the application is well. */
export function isSteady({ by, when }: Pick<ProbeSpec, "by" | "when">): boolean {
  return by !== "stdout" && (when.includes("during") || when.includes("always"));
}

function meaningOf(by: ProbeTransport, asks: string, of: string | undefined): ProbeMeaning {
  if (by === "stdout") return "delivered";
  if (by === "command") return "check";
  const request = requestOf(asks);
  if (isWrite(request)) return "write";
  return of !== undefined || placesIn(request.path).includes("unique") ? "read-back" : "read";
}
