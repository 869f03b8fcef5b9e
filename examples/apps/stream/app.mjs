// Events in a stream, read by a consumer group. At least once: an event is acknowledged when its work is done, and what
// was delivered and not acknowledged is claimed again.
import { setTimeout as after } from "node:timers/promises";
import express from "express";
import { connect } from "../connection.mjs";

const [STREAM, GROUP, CONSUMER] = ["events", "mail", `worker-${process.pid}`];
const CLAIM_AFTER_MS = 2000;
const claims = process.env.CLAIMS !== "no";
const redis = connect({ commandTimeout: 500 }); // an API does not let its users wait
const reader = connect({ socketTimeout: 2000 }); // XREADGROUP blocks for a second

const app = express();
app.use(express.json());
app.get("/health", (_, response) => response.send("up"));
app.post("/events", async ({ body: { id } }, response) => {
  await redis.xadd(STREAM, "*", "id", id);
  response.status(202).json({ id });
});
app.listen(Number(process.env.PORT), "127.0.0.1");

for (;;) {
  try {
    await createGroup();
    if (claims) {
      const [, left] = await reader.xautoclaim(STREAM, GROUP, CONSUMER, CLAIM_AFTER_MS, "0", "COUNT", 100);
      start(left);
    }
    const read = await reader.xreadgroup(
      "GROUP",
      GROUP,
      CONSUMER,
      "COUNT",
      10,
      "BLOCK",
      1000,
      "STREAMS",
      STREAM,
      ">",
    );
    start(read?.[0][1] ?? []);
  } catch (error) {
    console.error(error.message);
    await after(100);
  }
}

async function createGroup() {
  try {
    await reader.xgroup("CREATE", STREAM, GROUP, "0", "MKSTREAM");
  } catch (error) {
    if (!error.message.startsWith("BUSYGROUP")) throw error;
  }
}

function start(entries) {
  for (const [entry, [, id]] of entries)
    work(entry, id).catch(({ message }) => console.error(`${id}: ${message}`));
}

/** What fails here stays pending, until it is claimed. */
async function work(entry, id) {
  await after(150); // the mail is written
  await redis.hincrby("sent", new Date().toISOString().slice(0, 10), 1); // a quota, which is asked before it goes out
  console.log(`event ${id}`);
  await redis.xack(STREAM, GROUP, entry);
}
