/*
 *   record(event) ──▶ line ──▶ pending lines ──(25 ms, or 256 KiB)──▶ one write at a time ──▶ history.jsonl
 *        └──▶ listeners (live progress)
 */
import { close as closeFd, fsync, openSync, write as writeFd } from "node:fs";
import { promisify } from "node:util";
import { DrillError, messageOf } from "../model/errors.ts";
import type { HistoryEvent } from "../model/event.ts";

/** Lines wait at most this long: a crash of this process loses no more. */
const BATCH_INTERVAL_MS = 25;
/** A batch this large is written without waiting for the interval. In UTF-16 units, near enough to bytes. */
const BATCH_LENGTH = 256 * 1024;

const write = promisify(writeFd);
const sync = promisify(fsync);
const closeFile = promisify(closeFd);

/** Appends the events of one run to its history. */
export interface Recorder {
  /**
   * Takes an event: never waits, never throws. Events are written in the order of these calls, so read the
   * clock for `at` in the same turn. What comes after `close()` is no part of the run and is dropped.
   */
  record(event: HistoryEvent): void;
  /** Calls `listener` with every event, at once and in order. Returns the function that ends it. */
  onEvent(listener: (event: HistoryEvent) => void): () => void;
  /** Why the history on disk is not whole, as soon as that is known. Such a run can only be `unknown`. */
  readonly failure: DrillError | undefined;
  /** Writes what is pending, syncs it to the disk and closes the file. Resolves to `failure`; never rejects. */
  close(): Promise<DrillError | undefined>;
}

/**
 * Opens `path` for appending.
 *
 * @throws DrillError `STATE_UNWRITABLE` if the file cannot be opened.
 */
export function openRecorder(path: string): Recorder {
  const fd = open(path);
  const listeners = new Set<(event: HistoryEvent) => void>();
  let pending: string[] = [];
  let pendingLength = 0;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let closing: Promise<DrillError | undefined> | undefined;
  let failure: DrillError | undefined;

  const fail = (error: unknown) => {
    failure ??= unwritable(path, error);
    pending = [];
    pendingLength = 0;
  };

  const drain = async () => {
    while (pending.length > 0 && failure === undefined) {
      const batch = Buffer.from(pending.join(""));
      pending = [];
      pendingLength = 0;
      try {
        await writeAll(fd, batch);
      } catch (error) {
        fail(error);
      }
    }
  };

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing ??= drain().finally(() => {
      writing = undefined;
    });
    return writing;
  };

  const append = (event: HistoryEvent) => {
    let line: string;
    try {
      // Made now, not when the batch is written: the cost is spread, and later changes to the object cannot leak in.
      line = `${JSON.stringify(event)}\n`;
    } catch (error) {
      return fail(error);
    }
    pending.push(line);
    pendingLength += line.length;
    if (pendingLength >= BATCH_LENGTH) void flush();
    else timer ??= setTimeout(flush, BATCH_INTERVAL_MS);
  };

  const finish = async () => {
    // A write under way takes with it what is pending, but a write that fails under way may end first.
    while (writing !== undefined || (pending.length > 0 && failure === undefined)) await flush();
    clearTimeout(timer);
    if (failure === undefined) await sync(fd).catch(fail);
    await closeFile(fd).catch(fail);
    return failure;
  };

  return {
    record(event) {
      if (closing !== undefined) return;
      if (failure === undefined) append(event);
      for (const listener of listeners) notify(listener, event, listeners);
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get failure() {
      return failure;
    },
    close: () => {
      closing ??= finish();
      return closing;
    },
  };
}

function open(path: string): number {
  try {
    return openSync(path, "a");
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** A write may take only part of the buffer; the rest then fails with the true reason, or fits. */
async function writeAll(fd: number, buffer: Buffer): Promise<void> {
  let offset = 0;
  while (offset < buffer.length) {
    const { bytesWritten } = await write(fd, buffer, offset, buffer.length - offset, null);
    if (bytesWritten === 0) throw new Error("the file takes no more bytes");
    offset += bytesWritten;
  }
}

/** A listener only watches: its fault must not end the drill. It is told once, then called no more. */
function notify(
  listener: (event: HistoryEvent) => void,
  event: HistoryEvent,
  listeners: Set<(event: HistoryEvent) => void>,
): void {
  try {
    listener(event);
  } catch (error) {
    listeners.delete(listener);
    process.emitWarning(error instanceof Error ? error : messageOf(error));
  }
}

function unwritable(path: string, cause: unknown): DrillError {
  return new DrillError("STATE_UNWRITABLE", `the history ${path} cannot be written: ${messageOf(cause)}`, {
    hint: "Free some space, or choose another folder with --out.",
    cause,
  });
}
