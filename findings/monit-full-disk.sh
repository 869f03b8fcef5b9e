#!/usr/bin/env bash
# monit 5.33.0, `protocol redis`: a full disk counts as a server that is down, so that "then restart" restarts it.
#
# Guess: the test asks whether the server answers. It takes the refusal of a server with a password for an answer, so it
# takes other refusals so too: a primary whose snapshot fails still answers every read, and only writes are refused.
# Seen: with a password (NOAUTH) nothing is reported. A server whose snapshot failed answers PING with MISCONF: monit
# says that the protocol test failed and runs the action. The usual one, "then restart", is then aimed at a server that
# answers every read and holds what no snapshot has. Sentinel takes the same answer for silence.
# Source: this script.
# Needs Debian 12. Usage: findings/monit-full-disk.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"

packages "${SERVERS[@]}" monit=1:5.33.0-1
server 7629
cat >"$work/monitrc" <<CONF
set daemon 1
set log $work/monit.log
set pidfile $work/monit.pid
set statefile $work/monit.state
set idfile $work/monit.id
check host primary with address 127.0.0.1
  if failed port 7629 protocol redis then exec "/usr/bin/touch $work/action"
CONF
chmod 600 "$work/monitrc"
"$root/usr/bin/monit" -I -c "$work/monitrc" >"$work/monit.out" 2>&1 &
pids+=($!)
replies() {
  cli 7629 info commandstats | tr -d '\r' |
    sed -n 's/^cmdstat_ping:calls=\([0-9]*\).*rejected_calls=\([0-9]*\).*/\1 \2/p'
}
asked() { # NUMBER answered|refused: has monit asked so often?
  local calls rejected
  read -r calls rejected < <(replies)
  [ "$([ "$2" = answered ] && echo "$calls" || echo "$rejected")" -ge "$1" ] && echo yes
}
failures() { grep -c 'failed protocol test \[REDIS\]' "$work/monit.log" || true; }
action() { [ -e "$work/action" ] && echo run || echo "not run"; }

echo "monit 5.33.0-1, redis-server 7.0.15"
cli 7629 config resetstat >/dev/null
until_is yes asked 2 answered
saw "failures of a server that is well" 0 "$(failures)"

cli 7629 set key value >/dev/null
cli 7629 config set requirepass secret >/dev/null
export REDISCLI_AUTH=secret
cli 7629 config resetstat >/dev/null
until_is yes asked 2 refused
saw "failures of a server with a password, which answered NOAUTH" 0 "$(failures)"
cli 7629 config set requirepass '' >/dev/null
unset REDISCLI_AUTH

mkdir "$work/7629/dump.rdb" # a snapshot cannot be written, as on a full disk
cli 7629 config set save '3600 1' >/dev/null
cli 7629 bgsave >/dev/null
until_is MISCONF bash -c "'$root/usr/bin/redis-cli' -p 7629 ping | head -n 1 | cut -d ' ' -f 1"
until_is run action
saw "a read of a server whose snapshot failed" value "$(cli 7629 get key)"
saw "monit's action" run "$(action)"
saw "what monit says" "failed protocol test [REDIS], -MISCONF" \
  "$(grep -m 1 -o 'failed protocol test \[REDIS\]' "$work/monit.log"), $(grep -m 1 -o -e '-MISCONF' "$work/monit.log")"
