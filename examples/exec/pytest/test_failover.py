"""A client that asks Sentinel finds the new primary, and the order that was acknowledged before."""
import os
import time

import pytest
import redis
from redis.sentinel import Sentinel


@pytest.fixture
def client():
    sentinels = [tuple(address.split(":")) for address in os.environ["REDIS_SENTINELS"].split(",")]
    sentinel = Sentinel(sentinels, socket_timeout=1)
    return sentinel.master_for(os.environ["REDIS_SENTINEL_MASTER_NAME"], socket_timeout=1)


def patiently(ask, seconds=60):
    """An application tries again; this one for that long."""
    end = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except redis.RedisError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def test_an_order_survives_a_failover(drill, client):
    client.set("order:1", "paid")
    assert client.wait(1, 5000) >= 1  # a replica has it
    drill.inject(fault="kill", target="primary")
    assert drill.until("promoted").startswith("replica-")
    assert patiently(lambda: client.get("order:1")) == b"paid"
    assert patiently(lambda: client.set("order:2", "paid"))


def test_the_next_test_finds_it_empty(drill, client):
    assert client.dbsize() == 0
    assert [node["role"] for node in drill.topology()["nodes"] if node["name"] == "primary"] == ["primary"]


def test_a_refusal_says_why(drill):
    with pytest.raises(RuntimeError, match='no fault is named "kil". Did you mean "kill"'):
        drill.inject(fault="kil", target="primary")
