#!/usr/bin/env bash
# prometheus-redis-exporter 1.45.0: of a frozen server `redis_up 0` comes after 15 s, when Prometheus has hung up.
#
# Guess: a server that does not answer is told as `redis_up 0` well within Prometheus' scrape timeout (10 s by default),
# so `redis_up == 0` alerts.
# Seen: a killed server is told at once. Of one that is frozen (SIGSTOP, a stuck disk, a suspended machine) the scrape
# takes 15 s, the exporter's own time-out. A scraper that waits 10 s gets nothing: the series `redis_up` has a gap, no
# zero, and an alert on `redis_up == 0` never fires. With `-connection-timeout 5s` the zero comes after 5 s.
# Source: this script.
# Needs Debian 12 and curl. Usage: findings/exporter-frozen-server.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"

packages "${SERVERS[@]}" prometheus-redis-exporter=1.45.0-2+b4

exporter() { # port, options: an exporter of the server at 7611
  local port=$1
  shift
  "$root/usr/bin/prometheus-redis-exporter" -redis.addr redis://127.0.0.1:7611 -web.listen-address "127.0.0.1:$port" "$@" \
    2>/dev/null &
  pids+=($!)
  until_is "redis_up 1" up "$port" 5
}
up() { # port, seconds that the scraper waits
  curl -s -m "$2" "127.0.0.1:$1/metrics" | grep '^redis_up ' || echo "no answer in $2 s"
}

server 7611
frozen=$pid
exporter 7614
exporter 7615 -connection-timeout 5s
echo "prometheus-redis-exporter 1.45.0-2+b4, redis-server 7.0.15"
kill -STOP "$frozen"
saw "frozen, a scraper that waits 10 s" "no answer in 10 s" "$(up 7614 10)"
saw "frozen, a scraper that waits 30 s" "redis_up 0" "$(up 7614 30)"
saw "frozen, -connection-timeout 5s, a scraper that waits 10 s" "redis_up 0" "$(up 7615 10)"
kill -CONT "$frozen"
kill -KILL "$frozen"
wait "$frozen" 2>/dev/null || true
saw "killed, a scraper that waits 10 s" "redis_up 0" "$(up 7614 10)"
