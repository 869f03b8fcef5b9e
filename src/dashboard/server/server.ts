/*
 *   source ──events──▶ feed ──tick, 5 a second──▶ audience ──server-sent events──▶ pages
 *   pages ──POST of JSON──▶ guard ──▶ commands ──▶ control
 */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { type ServerType, serve } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { DrillError, messageOf } from "../../model/errors.ts";
import { LiveFeed } from "../feed/feed.ts";
import type { LiveSource } from "../source.ts";
import { Audience } from "./audience.ts";
import { COMMANDS, type CommandName, isCommand, type LiveControl } from "./commands.ts";
import { guard, headersFor } from "./guard.ts";
import { livePage } from "./page.ts";

/** Of the token: 256 bits. */
const TOKEN_BYTES = 32;
const HOST = "127.0.0.1";
/** Fast enough for the eye, and few enough for a page to draw each. */
const TICK_MS = 200;
const MOST_BODY_BYTES = 2 * 1024 * 1024;
const MOST_COMMANDS = 16;

/** The page on this machine's loopback. */
export interface LiveServer {
  /** With the token: whoever knows it may give orders. */
  readonly url: string;
  /** From now on the page shows this; without `control` it only follows. */
  show(source: LiveSource, control?: LiveControl): void;
  /** Lets the page open the report of a run. */
  addReport(runId: string, path: string): void;
  close(): Promise<void>;
}

/** Opens the page's server on 127.0.0.1, at a free port if none is given. */
export async function openLiveServer(port = 0): Promise<LiveServer> {
  const page = livePage();
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  const audience = new Audience();
  const reports = new Map<string, string>();
  let address: AddressInfo | undefined;
  let shown: { feed: LiveFeed; control: LiveControl | undefined } | undefined;
  let running = 0;

  const host = () => `${HOST}:${address?.port}`;
  const headers = headersFor(page.policy);
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(headers)) {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    }
  });
  app.use(guard({ host, token }));

  app.get("/:token", (c) => c.redirect(`/${token}/`)); // what the page asks for lies below the token
  app.get("/:token/", (c) => c.html(page.html));
  app.get("/:token/events", (c) => {
    const stream = audience.join(shown && { event: "start", data: shown.feed.start() });
    if (stream === undefined) return c.text("Too many pages follow already.\n", 503);
    return c.body(stream, 200, { "Content-Type": "text/event-stream" });
  });
  app.get("/:token/report/:id", async (c) => {
    const path = reports.get(c.req.param("id"));
    const html = path && (await readFile(path, "utf8").catch(() => undefined));
    if (!html) return c.text("There is no such report.\n", 404);
    // A report carries its own policy, with the hashes of its own script and style.
    return c.html(html, 200, { "Content-Security-Policy": "frame-ancestors 'none'" });
  });
  app.post(
    "/:token/command/:name",
    bodyLimit({ maxSize: MOST_BODY_BYTES, onError: (c) => refused(c, 413, "the order is too long") }),
    async (c) => {
      const name = c.req.param("name");
      if (!isCommand(name)) return refused(c, 404, `there is no order "${name}"`);
      const act = shown?.control?.[name];
      if (act === undefined) return refused(c, 409, `this page takes no order "${name}": it follows a drill`);
      if (running >= MOST_COMMANDS) return refused(c, 429, "too many orders are being carried out");
      running += 1;
      try {
        return c.json(await carryOut(name, await bodyOf(c), act, reports));
      } catch (error) {
        return toldOf(c, error);
      } finally {
        running -= 1;
      }
    },
  );
  app.all("/:token/command/:name", (c) => refused(c, 405, "orders are given by POST"));
  app.notFound((c) => c.text("There is nothing here.\n", 404));

  const server = await listening(app, port);
  address = server.address() as AddressInfo;
  const ticker = setInterval(() => {
    const tick = shown?.feed.tick();
    if (tick !== undefined) audience.tell("tick", tick);
    else if (shown !== undefined) audience.tell("start", shown.feed.start());
  }, TICK_MS);

  return {
    url: `http://${host()}/${token}/`,
    show: (source, control) => {
      shown?.feed.close();
      shown = { feed: new LiveFeed(source), control };
      audience.tell("start", shown.feed.start());
    },
    addReport: (runId, path) => reports.set(runId, path),
    close: () => {
      clearInterval(ticker);
      shown?.feed.close();
      audience.close();
      return closed(server);
    },
  };
}

async function carryOut(
  name: CommandName,
  body: unknown,
  act: NonNullable<LiveControl[CommandName]>,
  reports: Map<string, string>,
): Promise<object> {
  const { data, error } = COMMANDS[name].safeParse(body);
  if (error !== undefined) {
    const problems = error.issues.map(({ path, message }) => [...path, message].join(": "));
    throw new DrillError("BAD_USAGE", problems.join("; "));
  }
  const answer = await (act as (command: unknown) => Promise<object>)(data);
  if (!("report" in answer && "id" in answer)) return answer;
  reports.set(String(answer.id), String(answer.report));
  return { ...answer, report: `report/${answer.id}` };
}

async function bodyOf(c: Context): Promise<unknown> {
  try {
    return await c.req.json();
  } catch (cause) {
    throw new DrillError("BAD_USAGE", `the order is no JSON: ${messageOf(cause)}`, { cause });
  }
}

function toldOf(c: Context, error: unknown) {
  const known = error instanceof DrillError;
  const told = { message: messageOf(error), ...(known && { code: error.code, hint: error.hint }) };
  return c.json({ error: told }, known ? 422 : 500);
}

function refused(c: Context, status: 404 | 405 | 409 | 413 | 429, message: string) {
  return c.json({ error: { message } }, status);
}

function listening(app: Hono, port: number): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: HOST, port }, () => resolve(server));
    server.once("error", reject);
  });
}

function closed(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    if ("closeAllConnections" in server) server.closeAllConnections();
  });
}
