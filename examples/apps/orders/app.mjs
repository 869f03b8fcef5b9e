// An orders API. Whoever orders may ask twice, and so may the client library: the order's id is the key, and NX lets
// the first one win.
import express from "express";
import { connect } from "../connection.mjs";

const redis = connect();
const app = express();
app.use(express.json());

app.get("/health", (_, response) => response.send("up"));

app.post("/orders", async ({ body: { id } }, response) => {
  await redis.set(`order:${id}`, JSON.stringify({ id, at: Date.now() }), "NX");
  response.status(201).json({ id });
});

app.get("/orders/:id", async ({ params: { id } }, response) => {
  const order = await redis.get(`order:${id}`);
  if (order === null) response.status(404).json({ id, times: 0 });
  else response.json({ ...JSON.parse(order), times: 1 });
});

app.listen(Number(process.env.PORT), "127.0.0.1");
