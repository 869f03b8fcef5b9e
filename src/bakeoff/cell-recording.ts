import { classifyError, type ErrorRow } from "../client/errors.ts";
import { type RunClock, runClock } from "../history/clock.ts";
import { openRecorder } from "../history/recorder.ts";
import type { CompletionEvent, HeaderEvent, HistoryEvent } from "../model/event.ts";
import type { Said } from "./child/messages.ts";

/**
 * What happened in one run, from three sides: faults and topology from here, calls from the app client's process, which
 * tells of them a moment later. So it is kept, put in order at the end, and written then. A run is a minute at most.
 */
export interface CellRecording {
  readonly clock: RunClock;
  record(event: HistoryEvent): void;
  /**
   * A call, or the end of one, as the app client's process told it. Other things that it says are none of the history.
   */
  take(said: Said): void;
  /** In order of time. */
  events(): readonly HistoryEvent[];
  write(path: string, header: HeaderEvent): Promise<void>;
}

/** The app client's process is one caller, as the probe of a drill. */
const CALLER = { client: "probe", workload: "bakeoff" } as const;

/** @param errors what the texts of the library mean */
export function openCellRecording(errors: readonly ErrorRow[]): CellRecording {
  const clock = runClock();
  const all: HistoryEvent[] = [];
  const events = () => all.toSorted((a, b) => a.at - b.at);
  return {
    clock,
    record: (event) => {
      all.push(event);
    },
    take: (said) => {
      const event = eventOf(said, errors);
      if (event) all.push(event);
    },
    events,
    write: async (path, header) => {
      const recorder = openRecorder(path);
      recorder.record(header);
      for (const event of events()) recorder.record(event);
      const failure = await recorder.close();
      if (failure) throw failure;
    },
  };
}

function eventOf(said: Said, errors: readonly ErrorRow[]): HistoryEvent | undefined {
  const { at } = said;
  if (said.say === "invoke") {
    const { op, f, key, value, lateMs } = said;
    // Others push to the same list: what the list is at the end says nothing of this one write by itself.
    return {
      type: "invoke",
      at,
      op,
      ...CALLER,
      f,
      key,
      value,
      shared: true,
      due: Math.round(at - lateMs * 1e6),
    };
  }
  if (said.say === "stall") {
    // A library that keeps its process busy holds up its calls by itself; that is what is to be measured.
    return said.stall.kind === "busy"
      ? undefined
      : { type: "observation", at, name: "stall", data: said.stall };
  }
  if (said.say === "ok") return { type: "ok", at, op: said.op, value: said.value };
  return said.say === "error" ? rejection(said, errors) : undefined;
}

/** What the table of errors does not know, the library's own name of it tells. */
function rejection(
  { at, op, name, code, message }: Extract<Said, { say: "error" }>,
  errors: readonly ErrorRow[],
): CompletionEvent {
  const known = classifyError(new Error(message), errors);
  const className = known.class === "UNKNOWN" ? (code ?? name) : known.class;
  return { type: known.outcome, at, op, error: { class: className, message } };
}
