#!/usr/bin/env bash
# collectd 5.12.0, write_redis: one lost connection is for good; what a replica refuses is dropped without a word.
#
# Guess: the plugin connects again at its next write, each ten seconds by default, so a restart or a failover costs a
# few values. And a refused write is logged.
# Seen: after its server was restarted each write fails with "Server closed the connection", until collectd itself is
# restarted; the server sees no attempt to connect. While the server is a replica each write is answered READONLY,
# nothing is logged, and the values are gone.
# Source: this script; near: https://github.com/collectd/collectd/pull/1341 (closed)
# Needs Debian 12. Usage: findings/collectd-never-reconnects.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"

packages "${SERVERS[@]}" collectd-core=5.12.0-14 libhiredis0.14=0.14.1-3
server 7623
mkdir "$work/collectd"
cat >"$work/collectd.conf" <<CONF
BaseDir "$work/collectd"
PIDFile "$work/collectd.pid"
PluginDir "$root/usr/lib/collectd"
TypesDB "$root/usr/share/collectd/types.db"
Hostname "host"
Interval 0.2
LoadPlugin logfile
<Plugin logfile>
  LogLevel info
  File "$work/collectd.log"
</Plugin>
LoadPlugin uptime
LoadPlugin write_redis
<Plugin write_redis>
  <Node "node">
    Host "127.0.0.1"
    Port "7623"
    Timeout 1000
  </Node>
</Plugin>
CONF
key=collectd/host/uptime/uptime
"$root/usr/sbin/collectd" -f -C "$work/collectd.conf" >"$work/collectd.out" 2>&1 &
pids+=($!)
some_values() { [ "$(cli 7623 --raw zcard "$key")" -ge "$1" ] && echo yes; }
some_refused() { [ "$(cli 7623 info errorstats | tr -d '\r' | sed -n 's/.*READONLY:count=//p')" -ge 10 ] && echo yes; }
some_errors() { [ "$(errors)" -ge "$1" ] && echo yes; }
errors() { grep -c 'ZADD command error' "$work/collectd.log" || true; }
connections() { cli 7623 info stats | tr -d '\r' | sed -n 's/^total_connections_received://p'; }
until_is yes some_values 2

echo "collectd 5.12.0-14, write_redis, libhiredis 0.14.1; redis-server 7.0.15"
cli 7623 replicaof 127.0.0.1 1 >/dev/null # a replica now; its primary does not answer, so it keeps its data
before=$(cli 7623 --raw zcard "$key")
until_is yes some_refused
saw "values stored by a replica" 0 "$(($(cli 7623 --raw zcard "$key") - before))"
saw "errors logged about it" 0 "$(errors)"
cli 7623 replicaof no one >/dev/null
until_is yes some_values $((before + 2))

kill -KILL "$pid"
wait "$pid" 2>/dev/null || true
until_is yes some_errors 2
server 7623
first=$(connections)
since=$(errors)
until_is yes some_errors $((since + 20))
saw "values stored after the restart, while 20 writes more failed" 0 "$(cli 7623 --raw zcard "$key")"
# Each question that is asked here is a connection as well: the two that stand between the counts, and nobody else's.
saw "connections of others since" 0 "$(($(connections) - first - 2))"
