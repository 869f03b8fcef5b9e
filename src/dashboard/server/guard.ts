import type { MiddlewareHandler } from "hono";
import { startsWithToken } from "../../base/path-token.ts";

/** Where the page is, and what a request must know. */
export interface Door {
  /** `127.0.0.1:41234`, as it must stand in `Host`. */
  host(): string;
  readonly token: string;
}

/**
 * Lets in only what comes from the page itself, or from the address that was printed:
 *
 * - `Host` is ours: another name that leads to 127.0.0.1 (DNS rebinding) is turned away;
 * - the first part of the path is the token, which nobody can guess;
 * - `Origin` is ours, and with a POST it must be there; `Sec-Fetch-Site` says nothing else;
 * - what changes anything is a POST of JSON, which no form and no image can send.
 */
export function guard({ host, token }: Door): MiddlewareHandler {
  return async (c, next) => {
    const refuse = (status: 403 | 405 | 415, why: string) => c.text(`${why}\n`, status);
    const origin = c.req.header("origin");
    const site = c.req.header("sec-fetch-site");
    if (c.req.header("host") !== host())
      return refuse(403, "This page is only at the address that was printed.");
    if (!startsWithToken(c.req.path, token))
      return refuse(403, "The address lacks its token: open the one that valkey-drill printed.");
    if (origin !== undefined && origin !== `http://${host()}`) return refuse(403, "Not from there.");
    if (site !== undefined && site !== "same-origin" && site !== "none")
      return refuse(403, "Not from there.");
    if (c.req.method === "GET" || c.req.method === "HEAD") return await next();
    if (c.req.method !== "POST") return refuse(405, "Only GET and POST.");
    if (origin === undefined) return refuse(403, "Not from there.");
    if (c.req.header("content-type")?.split(";")[0] !== "application/json") return refuse(415, "Only JSON.");
    return await next();
  };
}

/** Of every answer. `policy` is the page's own content security policy. */
export function headersFor(policy: string): Record<string, string> {
  return {
    "Content-Security-Policy": `${policy}; frame-ancestors 'none'`,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
  };
}
