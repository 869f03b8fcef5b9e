/* A small real application: orders by HTTP, kept in Valkey. */
import { createServer } from "node:http";
import Valkey from "iovalkey";

const {
  PORT,
  REDIS_SENTINELS = "",
  REDIS_SENTINEL_MASTER_NAME: name,
  REDIS_CLUSTER_NODES = "",
} = process.env;
const places = (text) =>
  text
    .split(",")
    .map((place) => ({ host: place.replace(/:\d+$/, ""), port: Number(/\d+$/.exec(place)?.[0]) }));
/** PINNED: it holds on to the server that was the primary when it started. */
const valkey = process.env.PINNED
  ? new Valkey({ ...places(process.env.PINNED)[0], maxRetriesPerRequest: 1 })
  : REDIS_CLUSTER_NODES
    ? new Valkey.Cluster(places(REDIS_CLUSTER_NODES))
    : new Valkey({ sentinels: places(REDIS_SENTINELS), name, maxRetriesPerRequest: 1, commandTimeout: 500 });
valkey.on("error", (error) => console.error("error:", error.message));

const body = async (request) => {
  let text = "";
  for await (const part of request) text += part;
  return text;
};

const routes = {
  "GET /health": async () => [200, { status: await valkey.ping() }],
  "GET /die": async () => process.exit(3),
  "POST /orders": async (request) => {
    const { id } = JSON.parse(await body(request));
    const times = await valkey.incr(`order:${id}`);
    console.log(`event ${id}`);
    return [201, { id, times }];
  },
};

const server = createServer(async (request, response) => {
  const answer = (status, value) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  };
  try {
    const id = /^\/orders\/(.+)$/.exec(request.url)?.[1];
    if (request.method === "GET" && id) {
      const times = await valkey.get(`order:${id}`);
      return times === null ? answer(404, { id }) : answer(200, { id, times: Number(times) });
    }
    const route = routes[`${request.method} ${request.url}`];
    if (!route) return answer(404, { error: "no such path" });
    answer(...(await route(request)));
  } catch (error) {
    answer(503, { error: error.message });
  }
});

server.listen(Number(PORT), "127.0.0.1", () => console.log(`listening at ${PORT}`));
process.on("SIGTERM", () => server.close(() => valkey.quit().finally(() => process.exit(0))));
