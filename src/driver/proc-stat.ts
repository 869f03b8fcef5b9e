import { readFileSync } from "node:fs";

/**
 * The fields of /proc/PID/stat by their numbers in proc(5), from 3 on: the name in brackets before them may hold
 * anything, so they are counted after the last bracket. Undefined if there is no such process. Linux only.
 */
export function statFieldsOf(pid: number): ((number: number) => string) | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (number) => fields[number - 3] ?? "";
}
