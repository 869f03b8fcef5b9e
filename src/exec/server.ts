/*
 *   a command ── HTTP on 127.0.0.1, token in the path ──▶ door ──▶ body by its schema ──▶ control ──▶ JSON
 */
import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { type ServerType, serve } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { messageOf } from "../model/errors.ts";
import type { Asked, ExecControl } from "./control.ts";
import { door } from "./door.ts";
import { ENDPOINTS, type Endpoint, type EndpointName } from "./endpoints.ts";
import { openApiDocument } from "./openapi.ts";
import { BadBody, NotFound, refusalOf } from "./refusal.ts";

/** Of the token: 256 bits. */
const TOKEN_BYTES = 32;
const HOST = "127.0.0.1";
const MOST_BODY_BYTES = 256 * 1024;

/** What a command asks its topology by. */
export interface ExecServer {
  /** With the token, and without a `/` at its end: paths are appended. */
  readonly url: string;
  close(): Promise<void>;
}

/** Opens the server on 127.0.0.1, at a free port. */
export async function openExecServer(control: ExecControl): Promise<ExecServer> {
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  let address: AddressInfo | undefined;
  const host = () => `${HOST}:${address?.port}`;
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.res.headers.set("Cache-Control", "no-store");
  });
  app.use(door({ host, token }));
  const tooLong = (c: Context) => {
    c.header("Connection", "close"); // the rest of it is not read
    return refused(c, "the body is too long", 413);
  };
  app.use(bodyLimit({ maxSize: MOST_BODY_BYTES, onError: tooLong }));
  for (const name of Object.keys(ENDPOINTS) as EndpointName[]) offer(app, name, control);
  app.get("/:token/actions", async (c) => c.json((await control.actionTypes()) as string[])); // as some clients ask
  for (const { path } of Object.values(ENDPOINTS))
    app.all(pathOf(path), (c) => refused(c, `${c.req.method} is not for ${path}`, 405));
  app.notFound((c) => {
    const paths = [...new Set(Object.values(ENDPOINTS).map(({ path }) => path))].join(", ");
    return answerRefusal(c, new NotFound("there is no such endpoint", `Endpoints: ${paths}.`));
  });
  app.onError((error, c) => answerRefusal(c, error));

  const server = await listening(app);
  address = server.address() as AddressInfo;
  return { url: `http://${host()}/${token}`, close: () => closed(server) };
}

function offer(app: Hono, name: EndpointName, control: ExecControl): void {
  const { method, path, body, query = {}, status }: Endpoint = ENDPOINTS[name];
  app.on(method.toUpperCase(), pathOf(path), async (c) => {
    if (name === "openapi") return c.json(openApiDocument());
    if (name === "history")
      return c.body(await control.history(), 200, { "Content-Type": "application/x-ndjson" });
    const asked = { id: c.req.param("id") ?? "", query: c.req.query() };
    checkQuery(asked.query, query);
    const read = body === undefined ? undefined : await bodyOf(c, body);
    const handle = control[name] as (body: unknown, asked: Asked) => Promise<object>;
    const answer = await handle(read, asked);
    return c.json(answer, "status" in answer && answer.status === "pending" && status === 201 ? 202 : status);
  });
}

const pathOf = (path: string) => `/:token${path.replace("{id}", ":id")}`;

function checkQuery(given: Asked["query"], known: NonNullable<Endpoint["query"]>): void {
  for (const [name, value] of Object.entries(given)) {
    const values = Object.hasOwn(known, name) ? known[name]?.values : undefined;
    if (values === undefined) throw new BadBody(`?${name}: this endpoint takes no such parameter`);
    if (!values.includes(value)) throw new BadBody(`?${name}=${value}: it must be ${values.join(" or ")}`);
  }
}

/** An empty one counts as `{}`. */
async function bodyOf(c: Context, schema: NonNullable<Endpoint["body"]>): Promise<unknown> {
  const text = await c.req.text();
  let given: unknown;
  try {
    given = text.trim() === "" ? {} : JSON.parse(text);
  } catch (cause) {
    throw new BadBody(`the body is no JSON: ${messageOf(cause)}`, cause);
  }
  const { data, error } = schema.safeParse(given);
  if (error === undefined) return data;
  throw new BadBody(error.issues.map(({ path, message }) => [...path, message].join(": ")).join("; "));
}

function answerRefusal(c: Context, error: unknown) {
  const { status, body } = refusalOf(error);
  return c.json(body, status);
}

function refused(c: Context, message: string, status: 405 | 413) {
  return c.json({ error: { code: "BAD_USAGE", message } }, status);
}

function listening(app: Hono): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: HOST, port: 0 }, () => resolve(server));
    server.once("error", reject);
  });
}

function closed(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    if ("closeAllConnections" in server) server.closeAllConnections();
  });
}
