#!/usr/bin/env bash
# limits 2.8.0 (under Flask-Limiter and slowapi): two strategies for the same limit use the same key, of two types.
#
# Guess: to change a limit from a fixed to a moving window takes effect at the next request, or after the window.
# Seen: both strategies store under one key, the one a string, the other a list. After the change each `hit()` raises
# "WRONGTYPE", for as long as the old key lives: an hour for a limit by the hour. So it is with both in one application.
# Source: this script.
# Needs Debian 12. Usage: findings/limits-strategies-share-a-key.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"

packages "${SERVERS[@]}" python3-limits=2.8.0-1 python3-redis=4.3.4-3 python3-deprecated=1.2.13-3 python3-wrapt=1.14.1-2+b2 \
  python3-typing-extensions=4.4.0-1 python3-packaging=23.0-1 python3-async-timeout=4.0.2-1 \
  python3-pkg-resources=66.1.1-1+deb12u2
server 7611
cat >"$work/limit.py" <<'PY'
from limits import parse, storage, strategies
store = storage.storage_from_string("redis://127.0.0.1:7611")
rate = parse("100/hour")
def hit(strategy):
    try:
        return str(strategy.hit(rate, "user"))
    except Exception as error:
        return str(error).split(" ")[0]
fixed, moving = strategies.FixedWindowRateLimiter(store), strategies.MovingWindowRateLimiter(store)
print(hit(fixed), hit(moving), hit(moving), hit(fixed))
PY
echo "limits 2.8.0-1, redis-py 4.3.4, redis-server 7.0.15"
saw "fixed, moving, moving, fixed" "True WRONGTYPE WRONGTYPE True" \
  "$(PYTHONPATH=$root/usr/lib/python3/dist-packages /usr/bin/python3 "$work/limit.py")"
seconds=$(cli 7611 ttl "$(cli 7611 --raw keys '*' | head -n 1)")
saw "the old key lives for longer than 3,500 s" yes "$([ "$seconds" -gt 3500 ] && echo yes || echo "$seconds s")"
