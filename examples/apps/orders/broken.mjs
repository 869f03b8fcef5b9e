// The same API, which appends a charge for each order: what is sent again, by the customer or by the client library,
// is charged again.
import express from "express";
import { connect } from "../connection.mjs";

const redis = connect();
const app = express();
app.use(express.json());

app.get("/health", (_, response) => response.send("up"));

app.post("/orders", async ({ body: { id } }, response) => {
  await redis.rpush(`charges:${id}`, JSON.stringify({ id, at: Date.now() }));
  response.status(201).json({ id });
});

app.get("/orders/:id", async ({ params: { id } }, response) => {
  const times = await redis.llen(`charges:${id}`);
  response.status(times === 0 ? 404 : 200).json({ id, times });
});

app.listen(Number(process.env.PORT), "127.0.0.1");
