#!/usr/bin/env bash
# express-session 1.19.0 with connect-redis 9.0.0: a login that the store refused is answered 200, with a cookie.
#
# Guess: a session that could not be stored is an error of the request: Express answers 500, as for a read that fails.
# Seen: express-session stores the session while the answer is being sent. What the store rejects (READONLY of a demoted
# primary, MISCONF, a lost connection) comes too late for the status: 200 and a session cookie for a session that is
# nowhere, and at the next page the user is a stranger. The error reaches Express' error handler after the headers. With
# `req.session.save(callback)` before the answer it is 500.
# Source: this script; near: https://github.com/expressjs/session/issues/538
# Needs Debian 12 and Node 20 or later. Usage: findings/express-session-unsaved-login.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"

packages "${SERVERS[@]}"
node_packages express@5.3.0 express-session@1.19.0 connect-redis@9.0.0 redis@6.3.1
cat >"$work/node/login.mjs" <<'JS'
import express from "express";
import session from "express-session";
import { RedisStore } from "connect-redis";
import { createClient } from "redis";
const client = createClient({ url: "redis://127.0.0.1:7632" });
client.on("error", () => {});
await client.connect();
const app = express();
app.use(session({ store: new RedisStore({ client }), secret: "s", resave: false, saveUninitialized: false }));
app.post("/login", (request, response) => {
  request.session.user = "ann";
  response.send("welcome");
});
app.post("/careful-login", (request, response, next) => {
  request.session.user = "ann";
  request.session.save((error) => (error ? next(error) : response.send("welcome")));
});
app.get("/me", (request, response) => response.send(request.session.user ?? "a stranger"));
app.use((error, request, response, next) => {
  console.log(`handler: ${error.message.split(" ")[0]}, headers sent: ${response.headersSent}`);
  next(error);
});
app.listen(7633, "127.0.0.1", () => console.log("ready"));
JS
login() { # path: status, and whether there is a cookie; the cookie is kept
  rm -f "$work/cookies"
  local status
  status=$(curl -s -o /dev/null -w '%{http_code}' -c "$work/cookies" -X POST "http://127.0.0.1:7633$1" || true)
  echo "$status, $(grep -c connect.sid "$work/cookies" || true) cookie"
}
me() { curl -s -b "$work/cookies" http://127.0.0.1:7633/me; }

echo "express 5.3.0, express-session 1.19.0, connect-redis 9.0.0, redis 6.3.1, redis-server 7.0.15, $(node --version)"
server 7632
NODE_ENV=production node "$work/node/login.mjs" >"$work/login.log" 2>"$work/login.err" &
pids+=("$!")
until_is ready head -n 1 "$work/login.log"
saw "a primary, login" "200, 1 cookie" "$(login /login)"
saw "a primary, the next page is for" ann "$(me)"
cli 7632 replicaof 127.0.0.1 1 >/dev/null # demoted, as after a failover
saw "demoted, login" "200, 1 cookie" "$(login /login)"
saw "demoted, the error handler" "handler: READONLY, headers sent: true" "$(tail -n 1 "$work/login.log")"
saw "demoted, login that saves by itself" "500, 1 cookie" "$(login /careful-login)"
login /login >/dev/null
cli 7632 replicaof no one >/dev/null # a primary again, and all is well
saw "a primary again, with that cookie the next page is for" "a stranger" "$(me)"
