import type { MiddlewareHandler } from "hono";
import { startsWithToken } from "../base/path-token.ts";
import type { RefusalStatus } from "./refusal.ts";

/** Where the server is, and what a request must know. */
export interface Door {
  /** `127.0.0.1:41234`, as it must stand in `Host`. */
  host(): string;
  readonly token: string;
}

/**
 * Lets in only who knows the URL that the command was given:
 *
 * - `Host` is ours: another name that leads to 127.0.0.1 (DNS rebinding) is turned away;
 * - the first part of the path is the token, which nobody can guess;
 * - no page of a browser: those say where they come from;
 * - a body is called JSON, which no form is.
 */
export function door({ host, token }: Door): MiddlewareHandler {
  return async (c, next) => {
    const refuse = (status: RefusalStatus, message: string) =>
      c.json({ error: { code: "BAD_USAGE", message } }, status);
    if (c.req.header("host") !== host())
      return refuse(403, "this server is only at the address of VALKEY_DRILL_URL");
    if (!startsWithToken(c.req.path, token))
      return refuse(403, "the URL lacks its token: append the path to VALKEY_DRILL_URL as it is");
    const site = c.req.header("sec-fetch-site");
    if (c.req.header("origin") !== undefined || (site !== undefined && site !== "none"))
      return refuse(403, "no page of a browser may ask");
    if (c.req.method !== "GET" && c.req.method !== "POST") return refuse(405, "only GET and POST");
    const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
    const hasBody =
      Number(c.req.header("content-length") ?? 0) > 0 || c.req.header("transfer-encoding") !== undefined;
    if (c.req.method === "POST" && hasBody && type !== "application/json")
      return refuse(415, "the body must be application/json");
    return await next();
  };
}
