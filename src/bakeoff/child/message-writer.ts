import { writeSync } from "node:fs";
import type { Saying } from "./messages.ts";

/** Tells one thing. */
export type SendMessage = (saying: Saying) => void;

/** The descriptor that whoever started this process listens to. */
const DESCRIPTOR = 3;

/**
 * Writes each line at once, and waits until it is written: a crash right after it loses nothing. The other end is read all the
 * time, so this does not hold up the loop.
 */
export function messageWriter(clockOrigin: bigint): SendMessage {
  const now = () => Number(process.hrtime.bigint() - clockOrigin);
  return (saying) => {
    let bytes = Buffer.from(`${JSON.stringify({ at: now(), ...saying })}\n`);
    while (bytes.length > 0) bytes = bytes.subarray(writeSome(bytes));
  };
}

function writeSome(bytes: Buffer): number {
  try {
    return writeSync(DESCRIPTOR, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
    process.exit(1); // nobody listens any more
  }
}
