"""A fixture for pytest: `valkey-drill exec ha -- python3 -m pytest`. It needs nothing but Python's own modules.

    def test_orders(drill):
        drill.inject(fault="kill", target="primary")
        drill.until("promoted", within="15s")
"""
import json
import os
import urllib.error
import urllib.request

import pytest


class Drill:
    """The topology of the tests."""

    def __init__(self, url):
        self.url = url

    def inject(self, **fault):
        """Returns once the fault is in force."""
        return self._ask("POST", "/faults", fault)

    def heal(self, fault=None):
        return self._ask("POST", "/heal", {"fault": fault} if fault else {})

    def until(self, condition, within="30s"):
        return self._ask("POST", "/await", {"condition": condition, "within": within})["seen"]

    def reset(self):
        """The same topology, empty and whole, at the same addresses."""
        return self._ask("POST", "/reset", {})

    def topology(self):
        return self._ask("GET", "/topology")

    def _ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                return json.load(response)
        except urllib.error.HTTPError as refused:
            error = json.load(refused)["error"]
            raise RuntimeError(f"{error['code']}: {error['message']}") from refused


@pytest.fixture
def drill():
    """Each test begins with a fresh topology."""
    url = os.environ.get("VALKEY_DRILL_URL")
    if not url:
        pytest.fail("run the tests by: valkey-drill exec ha -- python3 -m pytest")
    topology = Drill(url)
    topology.reset()
    return topology
