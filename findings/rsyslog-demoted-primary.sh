#!/usr/bin/env bash
# rsyslog 8.2302 (omhiredis) drops what a demoted primary refuses.
#
# Guess: `action.resumeRetryCount="-1"` says "try again for ever", so messages wait while the server is a replica.
# Seen: each message that is answered READONLY is gone. Nothing is written about it, and the action is never suspended:
# only a lost connection suspends it. Messages sent before and after arrive.
# Source: this script; near: https://github.com/rsyslog/rsyslog/pull/1109
# Needs Debian 12. Usage: findings/rsyslog-demoted-primary.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"

packages "${SERVERS[@]}" "rsyslog=8.2302.0-1+deb12u1" "rsyslog-hiredis=8.2302.0-1+deb12u1" \
  libhiredis0.14=0.14.1-3 libfastjson4=1.2304.0-1 libestr0=0.1.11-1 liblognorm5=2.0.6-4

server 7611
server 7612 --replicaof 127.0.0.1 7611
until_is master_link_status:up bash -c "'$root/usr/bin/redis-cli' -p 7612 info replication | tr -d '\r' | grep master_link_status"

cat >"$work/rsyslog.conf" <<CONF
module(load="imtcp")
module(load="omhiredis")
input(type="imtcp" port="7614" address="127.0.0.1")
template(name="push" type="string" string="RPUSH logs %msg%")
action(type="omhiredis" server="127.0.0.1" serverport="7611" mode="template" template="push"
       action.resumeRetryCount="-1" action.resumeInterval="1" queue.type="LinkedList")
action(type="omfile" file="$work/all.txt")
CONF
"$root/usr/sbin/rsyslogd" -n -f "$work/rsyslog.conf" -i "$work/rsyslog.pid" \
  -M "$root/usr/lib/x86_64-linux-gnu/rsyslog" 2>"$work/rsyslog.err" &
pids+=($!)
until_is open bash -c 'exec 3<>/dev/tcp/127.0.0.1/7614 && echo open'

messages() { # from to: sent over one connection
  local n
  for ((n = $1; n <= $2; n++)); do echo "<13>Jan  1 00:00:00 host tag: message-$n"; done >/dev/tcp/127.0.0.1/7614
}
received() { wc -l <"$work/all.txt" | tr -d ' '; }
refused() { cli 7611 info errorstats | tr -d '\r' | sed -n 's/errorstat_READONLY:count=//p'; }

messages 1 200
until_is 200 cli 7611 llen logs
until_is 200 cli 7612 llen logs
cli 7612 replicaof no one >/dev/null # a planned switchover: the other one is the primary now
cli 7611 replicaof 127.0.0.1 7612 >/dev/null
messages 201 400
until_is 400 received
until_is 200 refused
cli 7611 replicaof no one >/dev/null # and back
messages 401 600
until_is 600 received
until_is 400 cli 7611 llen logs

echo "rsyslog 8.2302.0-1+deb12u1, omhiredis; redis-server 7.0.15"
saw "messages that rsyslog took" 600 "$(received)"
saw "of these in the list at the end" 400 "$(cli 7611 llen logs)"
saw "messages 201 to 400, sent while the server was a replica" 0 \
  "$(cli 7611 lrange logs 0 -1 | grep -cE 'message-(2[0-9][1-9]|2[1-9]0|3[0-9][0-9]|400)$' || true)"
saw "answered READONLY" 200 "$(refused)"
saw "lines that rsyslog wrote about it" 0 "$(wc -l <"$work/rsyslog.err" | tr -d ' ')"
