// A job queue: the API takes jobs, and a worker of BullMQ in the same process does them.
import { setTimeout as after } from "node:timers/promises";
import { Queue, Worker } from "bullmq";
import express from "express";
import { connect } from "../connection.mjs";

const { PORT, WORKER_SOCKET_TIMEOUT_MS = "7000", LOCK_MS = "30000", JOB_MS = "20" } = process.env;
const prefix = "{jobs}"; // one slot of a cluster: BullMQ's scripts touch several keys
const queue = new Queue("mail", { prefix, connection: connect() });
const worker = new Worker("mail", send, {
  prefix,
  concurrency: 20,
  lockDuration: Number(LOCK_MS), // who works longer without renewing it counts as stalled: another one does it again
  stalledInterval: Number(LOCK_MS),
  // A worker waits for jobs with a command that blocks for five seconds: an answer may be owed for so long.
  connection: connect({ maxRetriesPerRequest: null, ...timeout(Number(WORKER_SOCKET_TIMEOUT_MS)) }),
});
queue.on("error", (error) => console.error(error.message));
worker.on("error", (error) => console.error(error.message));
worker.on("stalled", (id) => console.error(`${id} is done again`));

const app = express();
app.use(express.json());
app.get("/health", (_, response) => response.send("up"));
app.post("/jobs", async ({ body: { id } }, response) => {
  await queue.add("send", { id }, { jobId: `mail-${id}` }); // the same id is taken once
  response.status(202).json({ id });
});
app.listen(Number(PORT), "127.0.0.1");

async function send({ data: { id } }) {
  await after(Number(JOB_MS));
  console.log(`event ${id}`);
}

function timeout(ms) {
  return ms > 0 ? { socketTimeout: ms } : {};
}
