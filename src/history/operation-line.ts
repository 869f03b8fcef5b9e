import type { CompletionEvent, HistoryEvent, InvokeEvent } from "../model/event.ts";
import { isCount } from "./fields.ts";

/** More than all of a line that is not text of the event's own: names of fields, punctuation, numbers. */
const FIXED_LENGTH = 320;

/**
 * Writes the line of an invocation or a completion, byte for byte as `JSON.stringify` would with the fields in the
 * order of their type. A run holds up to millions of these and few of any other, and this takes a fifth of the time,
 * and no memory.
 *
 * @returns the offset behind the line; -1 if it is left to `JSON.stringify`: another event, a text that is not plain
 *   ASCII, a
 * number that is not a count, or no room
 */
export function writeOperationLine(event: HistoryEvent, bytes: Uint8Array, offset: number): number {
  if (event.type === "invoke") return writeInvoke(event, bytes, offset);
  if (event.type === "ok" || event.type === "fail" || event.type === "info")
    return writeCompletion(event, bytes, offset);
  return -1;
}

function writeInvoke(event: InvokeEvent, bytes: Uint8Array, offset: number): number {
  const { at, op, client, workload, f, key, value, shared, due } = event;
  if (!isCount(at) || !isCount(op) || !(due === undefined || isCount(due))) return -1;
  const room = lengthOf(client) + lengthOf(workload) + lengthOf(f) + lengthOf(key) + lengthOf(value ?? "");
  if (!(offset + FIXED_LENGTH + room <= bytes.length)) return -1;
  let end = plain('{"type":"invoke","at":', bytes, offset);
  end = count(at, bytes, end);
  end = plain(',"op":', bytes, end);
  end = count(op, bytes, end);
  end = quoted(',"client":"', client, bytes, end);
  end = quoted(',"workload":"', workload, bytes, end);
  end = quoted(',"f":"', f, bytes, end);
  end = quoted(',"key":"', key, bytes, end);
  if (value !== undefined) end = quoted(',"value":"', value, bytes, end);
  if (end < 0) return -1;
  if (shared !== undefined) end = plain(',"shared":true', bytes, end);
  if (due !== undefined) {
    end = plain(',"due":', bytes, end);
    end = count(due, bytes, end);
  }
  return plain("}\n", bytes, end);
}

function writeCompletion(event: CompletionEvent, bytes: Uint8Array, offset: number): number {
  const { type, at, op, value, error, node, attempts } = event;
  if (!isCount(at) || !isCount(op) || !(attempts === undefined || isCount(attempts))) return -1;
  const told = error === undefined ? 0 : lengthOf(error.class) + lengthOf(error.message);
  const room = lengthOf(value ?? "") + told + lengthOf(node ?? "");
  if (!(offset + FIXED_LENGTH + room <= bytes.length)) return -1;
  let end = quoted('{"type":"', type, bytes, offset);
  end = plain(',"at":', bytes, end);
  end = count(at, bytes, end);
  end = plain(',"op":', bytes, end);
  end = count(op, bytes, end);
  if (value === null) end = plain(',"value":null', bytes, end);
  else if (value !== undefined) end = quoted(',"value":"', value, bytes, end);
  if (error !== undefined) {
    end = quoted(',"error":{"class":"', error.class, bytes, end);
    end = quoted(',"message":"', error.message, bytes, end);
    if (end < 0) return -1;
    end = plain("}", bytes, end);
  }
  if (node !== undefined) end = quoted(',"node":"', node, bytes, end);
  if (end < 0) return -1;
  if (attempts !== undefined) {
    end = plain(',"attempts":', bytes, end);
    end = count(attempts, bytes, end);
  }
  return plain("}\n", bytes, end);
}

/** ASCII of our own. */
function plain(text: string, bytes: Uint8Array, offset: number): number {
  for (let n = 0; n < text.length; n += 1) bytes[offset + n] = text.charCodeAt(n);
  return offset + text.length;
}

/**
 * What stands before it, the text and its closing quote; -1 if JSON would escape it or it takes more than a byte a
 * character.
 */
function quoted(before: string, text: string, bytes: Uint8Array, offset: number): number {
  if (offset < 0) return -1;
  const start = plain(before, bytes, offset);
  for (let n = 0; n < text.length; n += 1) {
    const code = text.charCodeAt(n);
    if (code < 0x20 || code === 0x22 || code === 0x5c || code > 0x7e) return -1;
    bytes[start + n] = code;
  }
  bytes[start + text.length] = 0x22;
  return start + text.length + 1;
}

/** `NaN`, which no comparison lets pass, for what is no text: it came in past the types. */
function lengthOf(text: unknown): number {
  return typeof text === "string" ? text.length : Number.NaN;
}

const DIGITS_IN_HALF = 8;
const HALF = 10 ** DIGITS_IN_HALF;

/**
 * Decimal digits, in two halves that fit 32-bit arithmetic: of a time in nanoseconds `String` takes several times as
 * long.
 */
function count(value: number, bytes: Uint8Array, offset: number): number {
  if (value < HALF) return small(value | 0, bytes, offset);
  let high = Math.floor(value / HALF);
  let low = value - high * HALF;
  if (low < 0) {
    high -= 1; // the quotient was rounded up to the next whole number
    low += HALF;
  }
  const middle = small(high | 0, bytes, offset);
  let rest = low | 0;
  for (let at = middle + DIGITS_IN_HALF - 1; at >= middle; at -= 1) {
    const tens = (rest / 10) | 0;
    bytes[at] = 0x30 + rest - tens * 10;
    rest = tens;
  }
  return middle + DIGITS_IN_HALF;
}

function small(value: number, bytes: Uint8Array, offset: number): number {
  let end = offset + 1;
  for (let rest = value; rest >= 10; rest = (rest / 10) | 0) end += 1;
  let rest = value;
  for (let at = end - 1; at >= offset; at -= 1) {
    const tens = (rest / 10) | 0;
    bytes[at] = 0x30 + rest - tens * 10;
    rest = tens;
  }
  return end;
}
