import { didYouMean } from "../../base/nearest.ts";

/** What an HTTP probe sends, with `{{unique}}` still in it. */
export interface RequestLine {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}

const METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];
const READS = ["GET", "HEAD", "OPTIONS"];

/** `POST /orders {"id": "{{unique}}"}` @throws Error telling what is wrong with it */
export function requestOf(line: string): RequestLine {
  const [, method = "", path = "", body] =
    /^(\S+)(?:\s+((?:\{\{[^}]*\}\}|\S)+)(?:\s+(\S[\s\S]*))?)?$/.exec(line.trim()) ?? [];
  if (!METHODS.includes(method)) {
    const near = didYouMean(method.toUpperCase(), METHODS);
    throw new Error(`"${line}" begins with no method of HTTP, as "GET /health" does.${near}`);
  }
  if (!path.startsWith("/")) {
    const why = /^https?:/.test(path)
      ? "the path is relative to the application's address (app.url, or the port that it was given)"
      : `a path that begins with "/" must follow ${method}`;
    throw new Error(`"${line}": ${why}`);
  }
  if (body !== undefined && READS.includes(method)) throw new Error(`"${line}": ${method} takes no body`);
  return { method, path, ...(body !== undefined && { body }) };
}

/** What is sent with that method is to change something. */
export function isWrite({ method }: RequestLine): boolean {
  return !READS.includes(method);
}

/** What stands in `{{…}}` in a text. */
export function placesIn(text: string): string[] {
  return [...text.matchAll(/\{\{\s*([A-Za-z][\w-]*)\s*\}\}/g)].map(([, name = ""]) => name);
}
