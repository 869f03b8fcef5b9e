import { timingSafeEqual } from "node:crypto";

/** Is the first part of the path that token? How long the answer takes tells nothing of it. */
export function startsWithToken(path: string, token: string): boolean {
  const wanted = Buffer.from(token);
  const given = Buffer.from(path.split("/")[1] ?? "");
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
