// A chat on several instances: Socket.IO's adapter carries each message to the others by Valkey's pub/sub.
import { createServer } from "node:http";
import { createAdapter, createShardedAdapter } from "@socket.io/redis-adapter";
import express from "express";
import { Server } from "socket.io";
import { io as connectTo } from "socket.io-client";
import { connect } from "../connection.mjs";

const { PORT, INSTANCES = "2", PUBSUB, HEARTBEAT_MS = "500" } = process.env;
const publisher = connect();
const subscriber = connect();
const adapter = (PUBSUB === "sharded" ? createShardedAdapter : createAdapter)(publisher, subscriber);
const app = express();
app.use(express.json());
const server = createServer(app);
const io = new Server(server, { adapter });

// A subscriber owes no answer, so no time-out tells it that its server is gone. A PING that is not answered does.
if (HEARTBEAT_MS !== "0") setInterval(() => subscriber.ping().catch(() => {}), Number(HEARTBEAT_MS));

app.get("/ready", async (_, response) => {
  const subscribed = await io.of("/").adapter.serverCount();
  response.status(subscribed >= Number(INSTANCES) ? 200 : 503).json({ subscribed });
});
app.post("/messages", ({ body: { id } }, response) => {
  io.emit("message", { id, from: process.pid });
  response.status(202).json({ id });
});

server.listen(Number(PORT), "127.0.0.1", () => {
  // Somebody who is connected to this instance, and sees what was said on another one.
  connectTo(`http://127.0.0.1:${PORT}`).on("message", ({ id, from }) => {
    if (from !== process.pid) console.log(`event ${id}`);
  });
});
