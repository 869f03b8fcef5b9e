#!/usr/bin/env bash
# Django 3.2.25 with sessions in the cache, django-redis 5.2.0: a short outage logs users out for good, and a login on a
# demoted primary is tried 10,000 times.
#
# Guess: while the server is away a page that reads the session answers 500; afterwards all are logged in as before,
# since the sessions are still stored. With DJANGO_REDIS_IGNORE_EXCEPTIONS a login does without a session.
# Seen: the page answers 200 as for a stranger, with the default settings as well, and its answer deletes the browser's
# cookie. So whoever looked during the outage is logged out for good, though the session outlived it. And with
# DJANGO_REDIS_IGNORE_EXCEPTIONS one login while the server is a replica sends 10,000 SET, each answered READONLY,
# before it answers 500; without that option it is one.
# Source: this script; near: https://github.com/martinrusev/django-redis-sessions/issues/60 (another library)
# Needs Debian 12. Usage: findings/django-session-lost-in-outage.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"

packages "${SERVERS[@]}" python3-django=3:3.2.25-0+deb12u7 python3-django-redis=5.2.0-1 python3-asgiref=3.6.0-1 \
  python3-sqlparse=0.4.2-1+deb12u1 python3-tz=2022.7.1-4 python3-redis=4.3.4-3 python3-deprecated=1.2.13-3 \
  python3-wrapt=1.14.1-2+b2 python3-typing-extensions=4.4.0-1 python3-packaging=23.0-1 \
  python3-async-timeout=4.0.2-1 python3-pkg-resources=66.1.1-1+deb12u2
export PYTHONPATH=$root/usr/lib/python3/dist-packages
cat >"$work/site.py" <<'PY'
# Asks for the paths that it reads, as one browser with its cookies; prints the status, the text and the cookie set.
import sys
import django
from django.conf import settings
settings.configure(
    SECRET_KEY="not secret", ROOT_URLCONF="site_urls", ALLOWED_HOSTS=["*"], LOGGING_CONFIG=None,
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
    SESSION_ENGINE="django.contrib.sessions.backends.cache",
    DJANGO_REDIS_IGNORE_EXCEPTIONS=sys.argv[1] == "ignore",
    CACHES={"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://127.0.0.1:7624/0"}})
django.setup()
from django.http import HttpResponse
from django.test import Client
from django.urls import path
def login(request):
    request.session["user"] = "ann"
    return HttpResponse("welcome")
def page(request):
    return HttpResponse(request.session.get("user", "stranger"))
urlpatterns = [path("login", login), path("page", page)]
sys.modules["site_urls"] = sys.modules["__main__"]
browser = Client(raise_request_exception=False)
for line in sys.stdin:
    answer = browser.get(line.strip())
    cookie = answer.cookies.get("sessionid")
    if cookie is not None and cookie["max-age"] == 0:
        del browser.cookies["sessionid"]  # as a browser does; the test client keeps it, empty
    text = answer.content.decode() if answer.status_code == 200 else "error"
    told = "no cookie" if cookie is None else "cookie deleted" if cookie["max-age"] == 0 else "cookie"
    print(answer.status_code, text, told, flush=True)
PY
browser() { # how
  coproc site { /usr/bin/python3 "$work/site.py" "$1" 2>>"$work/site.err"; }
  pids+=("$site_PID")
}
ask() { echo "$1" >&"${site[1]}" && IFS= read -r answer <&"${site[0]}"; }

echo "django 3.2.25, django-redis 5.2.0, redis-py 4.3.4, redis-server 7.0.15"
server 7624 --appendonly yes --appendfsync always
browser raise
ask /login
saw "login" "200 welcome cookie" "$answer"
ask /page
saw "a page" "200 ann no cookie" "$answer"
kill -KILL "$pid"
wait "$pid" 2>/dev/null || true
ask /page
saw "the page while the server is away" "200 stranger cookie deleted" "$answer"
server 7624 --appendonly yes --appendfsync always
saw "sessions stored, after its restart" 1 "$(cli 7624 dbsize)"
ask /page
saw "the page now" "200 stranger no cookie" "$answer"

cli 7624 replicaof 127.0.0.1 1 >/dev/null # a demoted primary
refused() { cli 7624 info errorstats | tr -d '\r' | sed -n 's/.*READONLY:count=//p'; }
ask /login
saw "login on a replica" "500 error no cookie" "$answer"
saw "writes refused for it" 1 "$(refused)"
exec {site[1]}>&-
wait "$site_PID" || true
cli 7624 config resetstat >/dev/null
browser ignore
ask /login
saw "the same with DJANGO_REDIS_IGNORE_EXCEPTIONS" "500 error no cookie" "$answer"
saw "writes refused for it" 10000 "$(refused)"
