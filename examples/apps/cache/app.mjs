// Products from a database, with a cache before it. The cache may be slow, or away: the database answers then.
import { setTimeout as after } from "node:timers/promises";
import KeyvRedis from "@keyv/redis";
import express from "express";
import Keyv from "keyv";

const { PORT, REDIS_SENTINELS, REDIS_SENTINEL_MASTER_NAME, REDIS_CLUSTER_NODES } = process.env;
const waitMs = Number(process.env.CACHE_WAIT_MS ?? 200);
const servers = REDIS_CLUSTER_NODES
  ? { rootNodes: REDIS_CLUSTER_NODES.split(",").map((node) => ({ url: `redis://${node}` })) }
  : {
      name: REDIS_SENTINEL_MASTER_NAME,
      sentinelRootNodes: REDIS_SENTINELS.split(",").map((address) => {
        const [host, port] = address.split(":");
        return { host, port: Number(port) };
      }),
    };
const cache = new Keyv({ store: new KeyvRedis(servers), ttl: 60_000, useKeyPrefix: false });
cache.on("error", (error) => console.error(error.message));

const app = express();
app.get("/health", (_, response) => response.send("up"));
app.get("/products/:id", async ({ params: { id } }, response) => {
  const cached = await soon(cache.get(id));
  const product = cached ?? (await fromDatabase(id));
  if (cached === undefined) void soon(cache.set(id, product));
  response.json(product);
});
app.listen(Number(PORT), "127.0.0.1");

/** What the cache says; `undefined` where it says nothing in time. */
function soon(answer) {
  const late = waitMs > 0 ? [after(waitMs, undefined, { ref: false })] : [];
  return Promise.race([answer, ...late]).catch(() => undefined);
}

async function fromDatabase(id) {
  await after(5);
  return { id, name: `product ${id}` };
}
