import { z } from "zod";

/** A number of things, or a time on the run's clock. */
export const count = z.int().nonnegative();

/** A time in nanoseconds on the run's clock. */
export const time = z.number();

/** Slots from the first to the last, both included. */
export const slotRanges = z.array(z.tuple([count, count]));

/** One of these words, or one that a later version has added: that is read as well, and means nothing here. */
export function wordOf<Word extends string>() {
  return z.custom<Word>((value) => typeof value === "string", "Invalid input: expected string");
}

/** What is written by nobody but this tool, and read by no checker: its form is not looked at. */
export function notRead<Data>() {
  return z.custom<Data>(() => true);
}
