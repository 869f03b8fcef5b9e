/*
 *   record(event) ──▶ line ──▶ chunks ──(one is full, or 25 ms)──▶ one write at a time ──▶ history.jsonl
 *        └──▶ listeners (live progress)
 */
import { close as closeFd, fsync, openSync, write as writeFd } from "node:fs";
import { promisify } from "node:util";
import { DrillError, messageOf } from "../model/errors.ts";
import type { HistoryEvent } from "../model/event.ts";
import { ledgerOf } from "./ledger.ts";
import { LineChunks } from "./line-chunks.ts";

/** Lines wait at most this long: a crash of this process loses no more. */
const BATCH_INTERVAL_MS = 25;

const write = promisify(writeFd);
const sync = promisify(fsync);
const closeFile = promisify(closeFd);

/** Appends the events of one run to its history. */
export interface Recorder {
  /**
   * Takes an event: never waits, never throws. Events are written in the order of these calls, so read the
   * clock for `at` in the same turn. The object of an operation's event must not be changed afterwards. The event that ends the
   * history is written with counts and a digest of all before it; what comes after it, or after `close()`, is no part of the run and is
   * dropped.
   */
  record(event: HistoryEvent): void;
  /** Calls `listener` with every event, at once and in order. Returns the function that ends it. */
  onEvent(listener: (event: HistoryEvent) => void): () => void;
  /** Why the history on disk is not whole, as soon as that is known. Such a run can only be `unknown`. */
  readonly failure: DrillError | undefined;
  /** Writes what was recorded until now, and leaves the file open. Never rejects: see `failure`. */
  flush(): Promise<void>;
  /** Writes what is pending, syncs it to the disk and closes the file. Resolves to `failure`; never rejects. */
  close(): Promise<DrillError | undefined>;
}

/**
 * Opens `path` for appending. Where it holds the beginning of a history, that counts as recorded.
 *
 * @param onFailure is told once, as soon as it is known, that the history on disk is not whole
 * @throws DrillError `STATE_UNWRITABLE` if the file cannot be opened.
 */
export function openRecorder(path: string, onFailure: (failure: DrillError) => void = () => {}): Recorder {
  const fd = open(path);
  const listeners = new Set<(event: HistoryEvent) => void>();
  const chunks = new LineChunks(ledgerOf(fd));
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let closing: Promise<DrillError | undefined> | undefined;
  let failure: DrillError | undefined;

  const fail = (error: unknown) => {
    if (failure !== undefined) return;
    failure = unwritable(path, error);
    onFailure(failure);
  };

  const drain = async () => {
    await undefined; // so that `writing` is set before it is cleared
    try {
      for (let bytes = chunks.take(); bytes !== undefined; bytes = chunks.take()) {
        await writeAll(fd, bytes);
        chunks.giveBack(bytes);
      }
    } catch (error) {
      fail(error);
      chunks.clear(); // the last line may be torn: nothing may follow it
    }
    writing = undefined; // at once: what is recorded from here on needs another flush
  };

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing ??= drain();
    return writing;
  };

  const append = (event: HistoryEvent) => {
    try {
      chunks.add(event);
    } catch (error) {
      return fail(error); // what JSON cannot hold
    }
    if (chunks.hasFull) void flush();
    else timer ??= setTimeout(flush, BATCH_INTERVAL_MS);
  };

  const finish = async () => {
    await flush();
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
    flush: async () => {
      await writing; // what it takes up may be of before this call
      await flush();
    },
    close: () => {
      closing ??= finish();
      return closing;
    },
  };
}

function open(path: string): number {
  try {
    return openSync(path, "a+", 0o600); // keys and values of an application are nobody else's
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
export function notify(
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
