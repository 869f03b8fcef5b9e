#!/usr/bin/env bash
# ioredis 6.0.0 and iovalkey 0.4.0: a transaction under WATCH overwrites what another client wrote in between, if the
# connection was lost after WATCH. node-redis 6.3.1 refuses it.
#
# Guess: WATCH belongs to a connection. A client that has to connect again refuses the EXEC that follows, or the server
# answers null, as it does where another client wrote: optimistic locking holds through a lost connection.
# Seen: ioredis and iovalkey connect again, and send MULTI, SET and EXEC on the new connection, which watches nothing.
# EXEC answers OK, and the other client's value is gone. Without the lost connection EXEC answers null. node-redis
# rejects with WatchError ("Client reconnected after WATCH").
# Source: this script.
# Needs Debian 12 and Node 20 or later. Usage: findings/watch-lost-when-reconnecting.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"

packages "${SERVERS[@]}"
node_packages ioredis@6.0.0 iovalkey@0.4.0 redis@6.3.1
cat >"$work/node/transfer.mjs" <<'JS'
// Watches a key; meanwhile its connection is lost, or not, and another client writes the key.
import { createClient } from "redis";
const [library, meanwhile] = process.argv.slice(2);
const where = { host: "127.0.0.1", port: 7635 };
const other = createClient({ socket: where });
await other.connect();
await other.set("balance", "100");

const callers = {
  ioredis: async () => ofIoredis((await import("ioredis")).Redis),
  iovalkey: async () => ofIoredis((await import("iovalkey")).default),
  "node-redis": async () => {
    const client = createClient({ socket: where });
    client.on("error", () => {});
    await client.connect();
    return {
      id: () => client.clientId(),
      watch: () => client.watch("balance"),
      again: () => client.ping(),
      transfer: () => client.multi().set("balance", "70").exec(),
    };
  },
};
function ofIoredis(Redis) {
  const client = new Redis(where);
  return {
    id: () => client.client("ID"),
    watch: () => client.watch("balance"),
    again: () => client.ping(),
    transfer: () => client.multi().set("balance", "70").exec(),
  };
}

const { id, watch, again, transfer } = await callers[library]();
const lost = await id();
await watch();
if (meanwhile === "lost") {
  await other.sendCommand(["CLIENT", "KILL", "ID", String(lost)]);
  await again().catch(() => again()); // it has connected anew
}
await other.set("balance", "500");
const told = await transfer().then(
  (replies) => (replies === null ? "null" : "done"),
  (error) => error.constructor.name,
);
console.log(`EXEC ${told}, balance ${await other.get("balance")}`);
process.exit();
JS
run() { node "$work/node/transfer.mjs" "$@" 2>>"$work/transfer.err"; }

echo "ioredis 6.0.0, iovalkey 0.4.0, node-redis 6.3.1, redis-server 7.0.15, $(node --version)"
server 7635
for library in ioredis iovalkey; do
  saw "$library, connection kept" "EXEC null, balance 500" "$(run "$library" kept)"
  saw "$library, connection lost after WATCH" "EXEC done, balance 70" "$(run "$library" lost)"
done
saw "node-redis, connection kept" "EXEC WatchError, balance 500" "$(run node-redis kept)"
saw "node-redis, connection lost after WATCH" "EXEC WatchError, balance 500" "$(run node-redis lost)"
