#!/usr/bin/env bash
# celery 5.2.6 (kombu 5.2.4) and rq 1.13.0: a planned handover ends the workers; celery's with exit code 0.
#
# Guess: they outlive a killed server, so a primary that is only made a replica, as in each planned failover, is milder:
# the worker says that it cannot work, and goes on when its address leads to a primary again.
# Seen: a worker that waits in BRPOP or BLPOP is answered UNBLOCKED when its server becomes a replica. That is no
# connection error to them, so there is no retry. celery logs "Unrecoverable error" and ends with code 0, so that a
# supervisor with "restart on failure" leaves it down. rq ends with 1, on the READONLY that its goodbye is answered.
# After a killed server both go on: run here as the control.
# Source: this script; near: https://github.com/redis/redis/issues/6420, https://github.com/pretalx/pretalx/issues/1419
# Needs Debian 12. Usage: findings/celery-rq-demoted-primary.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"

packages "${SERVERS[@]}" python3-celery=5.2.6-5 python3-kombu=5.2.4-1 python3-amqp=5.1.1-1 \
  python3-billiard=4.1.0-1 python3-vine=5.0.0+dfsg-3 python3-click=8.1.3-2 python3-click-didyoumean=0.3.0-2 \
  python3-click-plugins=1.1.1-4 python3-click-repl=0.2.0-3 python3-prompt-toolkit=3.0.36-2 \
  python3-wcwidth=0.2.5+dfsg1-1.1 python3-dateutil=2.8.2-2 python3-six=1.16.0-4 python3-tz=2022.7.1-4 \
  python3-rq=1.13.0-1 python3-redis=4.3.4-3 python3-deprecated=1.2.13-3 python3-wrapt=1.14.1-2+b2 \
  python3-typing-extensions=4.4.0-1 python3-packaging=23.0-1 python3-async-timeout=4.0.2-1 \
  python3-pkg-resources=66.1.1-1+deb12u2
export PYTHONPATH=$root/usr/lib/python3/dist-packages:$work
cat >"$work/tasks.py" <<'PY'
from celery import Celery
app = Celery("tasks", broker="redis://127.0.0.1:7621/0")
PY
cat >"$work/rq_worker.py" <<'PY'
from redis import Redis
from rq import Queue, Worker
connection = Redis(port=7621, db=1)
Worker([Queue("jobs", connection=connection)], connection=connection).work()
PY

blocked() { cli 7621 info clients | tr -d '\r' | sed -n 's/^blocked_clients://p'; }
started() { grep -c 'mingle: all alone' "$work/celery.log" || true; } # celery asks first whether it has neighbours
workers() { # both, until each waits for work; sets `celery` and `rq`
  (cd "$work" && exec /usr/bin/python3 -m celery -A tasks worker -P solo -l INFO) >"$work/celery.log" 2>&1 &
  celery=$!
  pids+=("$celery")
  /usr/bin/python3 "$work/rq_worker.py" >"$work/rq.log" 2>&1 &
  rq=$!
  pids+=("$rq")
  until_is 1 started
  until_is 2 blocked
}
demoted() { cli 7621 role | head -n 1; }

echo "celery 5.2.6-5, kombu 5.2.4-1, rq 1.13.0-1, redis-py 4.3.4, redis-server 7.0.15"
server 7621
workers
kill -KILL "$pid" # the control: a server that is killed and comes back
wait "$pid" 2>/dev/null || true
server 7621
until_is 2 started
until_is 2 blocked
saw "both after the server was killed and started again" waiting waiting

server 7622
cli 7621 replicaof 127.0.0.1 7622 >/dev/null # the handover
until_is slave demoted
status=0
wait "$celery" || status=$?
saw "celery's worker after the server became a replica" "exit code 0" "exit code $status"
saw "what it says" "Unrecoverable error: ResponseError('UNBLOCKED" \
  "$(grep -o "Unrecoverable error: ResponseError('UNBLOCKED" "$work/celery.log" | head -n 1)"
status=0
wait "$rq" || status=$?
saw "rq's worker" "exit code 1" "exit code $status"
saw "its last words are about" ReadOnlyError "$(tail -n 1 "$work/rq.log" | grep -o ReadOnlyError)"
