import type { DrillError } from "../model/errors.ts";
import type { HistoryEvent } from "../model/event.ts";
import { notify, openRecorder, type Recorder } from "./recorder.ts";

/** Writes nothing: only its listeners are told. */
export function unwrittenRecorder(): Recorder {
  const listeners = new Set<(event: HistoryEvent) => void>();
  return {
    record: (event) => {
      for (const listener of listeners) notify(listener, event, listeners);
    },
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    failure: undefined,
    flush: async () => {},
    close: async () => undefined,
  };
}

/**
 * For a short history from several processes, of which some tell a moment later what happened: the header is written at
 * once, all else in order of time when it is closed.
 *
 * @throws DrillError `STATE_UNWRITABLE` if the file cannot be opened
 */
export function sortedRecorder(path: string, onFailure: (failure: DrillError) => void = () => {}): Recorder {
  const file = openRecorder(path, onFailure);
  const told = unwrittenRecorder();
  const late: HistoryEvent[] = [];
  let closing: Promise<DrillError | undefined> | undefined;
  const close = () => {
    for (const event of late.toSorted((a, b) => a.at - b.at)) file.record(event);
    return file.close();
  };
  return {
    record: (event) => {
      if (closing !== undefined) return;
      if (event.type === "header") file.record(event);
      else late.push(event);
      told.record(event);
    },
    onEvent: told.onEvent,
    get failure() {
      return file.failure;
    },
    flush: file.flush,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
