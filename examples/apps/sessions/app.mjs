// Sessions of a website, kept by express-session and connect-redis. Answers only when the session is stored.

import { RedisStore } from "connect-redis";
import express from "express";
import session from "express-session";
import { createCluster, createSentinel } from "redis";

const { PORT, REDIS_SENTINELS, REDIS_SENTINEL_MASTER_NAME, REDIS_CLUSTER_NODES } = process.env;
const socket = { connectTimeout: 1000, reconnectStrategy: (retries) => Math.min(retries * 50, 500) };
const client = REDIS_CLUSTER_NODES
  ? createCluster({
      rootNodes: REDIS_CLUSTER_NODES.split(",").map((node) => ({ url: `redis://${node}` })),
      defaults: { socket },
      topologyRefreshOnReconnectionAttemptStrategy: 500,
    })
  : createSentinel({
      name: REDIS_SENTINEL_MASTER_NAME,
      sentinelRootNodes: REDIS_SENTINELS.split(",").map((address) => {
        const [host, port] = address.split(":");
        return { host, port: Number(port) };
      }),
      nodeClientOptions: { socket },
    });
client.on("error", (error) => console.error(error.message));
await client.connect();

const app = express();
app.use(express.json());
app.get("/health", (_, response) => response.send("up"));

const sessions = session({
  store: new RedisStore({ client }),
  secret: "not a secret: this is an example",
  genid: ({ body }) => body.id,
  resave: false,
  saveUninitialized: false,
});

app.post("/login", sessions, (request, response, next) => {
  request.session.user = request.body.id;
  if (process.env.SAVE === "at-the-end") return response.json({ user: request.session.user });
  request.session.save((error) => {
    if (error) next(error);
    else response.json({ user: request.session.user });
  });
});

app.get("/sessions/:id", async ({ params: { id } }, response) => {
  const stored = await client.get(`sess:${id}`);
  if (stored === null) response.status(404).end();
  else response.json(JSON.parse(stored));
});

app.listen(Number(PORT), "127.0.0.1");
