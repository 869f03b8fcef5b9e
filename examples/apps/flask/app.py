"""An orders API on Flask and redis-py. The order's id is the key, and nx lets the first one win."""
import os

from flask import Flask, jsonify, request
from redis import Redis
from redis.cluster import ClusterNode, RedisCluster
from redis.exceptions import RedisClusterException, RedisError
from redis.sentinel import Sentinel

# A frozen server answers nothing, and its connections stay open. 0: wait for ever, as redis-py does by default.
TIMEOUT = float(os.environ.get("REDIS_SOCKET_TIMEOUT", "1")) or None


def addresses(text):
    pairs = (address.rsplit(":", 1) for address in text.split(","))
    return [(host, int(port)) for host, port in pairs]


def connect():
    timeouts = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT}
    nodes = os.environ.get("REDIS_CLUSTER_NODES")
    if nodes:
        return RedisCluster(startup_nodes=[ClusterNode(*node) for node in addresses(nodes)], **timeouts)
    sentinel = Sentinel(addresses(os.environ["REDIS_SENTINELS"]), sentinel_kwargs=timeouts, **timeouts)
    return sentinel.master_for(os.environ["REDIS_SENTINEL_MASTER_NAME"], redis_class=Redis)


redis = connect()
app = Flask(__name__)


@app.get("/health")
def health():
    return "up"


@app.post("/orders")
def order():
    order_id = request.get_json()["id"]
    redis.set(f"order:{order_id}", order_id, nx=True)
    return jsonify(id=order_id), 201


@app.get("/orders/<order_id>")
def stored(order_id):
    if redis.get(f"order:{order_id}") is None:
        return jsonify(id=order_id, times=0), 404
    return jsonify(id=order_id, times=1)


@app.errorhandler(RedisClusterException)  # which is no RedisError
@app.errorhandler(RedisError)
def unavailable(error):
    return jsonify(error=str(error)), 503


if __name__ == "__main__":
    # One request at a time, as a worker of gunicorn does by default.
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]), threaded=False)
