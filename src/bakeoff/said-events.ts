import { classifyError, type ErrorRow } from "../client/errors.ts";
import type { CompletionEvent, HistoryEvent } from "../model/event.ts";
import { observation } from "../model/observed.ts";
import type { Said } from "./child/messages.ts";

/** The app client's process is one caller, as the probe of a drill. */
const CALLER = { client: "probe", workload: "bakeoff" } as const;

/**
 * A call, or the end of one, as the app client's process told it. Other things that it says are none of the history.
 *
 * @param errors what the texts of the library mean
 */
export function eventOf(said: Said, errors: readonly ErrorRow[]): HistoryEvent | undefined {
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
    return said.stall.kind === "busy" ? undefined : observation(at, "stall", said.stall);
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
