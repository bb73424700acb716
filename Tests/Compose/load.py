# SPDX-License-Identifier: Apache-2.0
"""Requests through the gateway, from several threads over kept connections, each sent once."""

import http.client
import itertools
import json
import threading
import time


class Load:
    """Counts what is answered, and keeps what is not answered as it should be."""

    def __init__(self, port, path, bodies=(None,), threads=4, pause_seconds=0.01, tls=None):
        self.port, self.path, self.tls = port, path, tls
        self.bodies = itertools.cycle(bodies)
        self.pause_seconds = pause_seconds
        self.sent = 0
        self.failures = []
        self.slowest_seconds = 0.0
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join(timeout=30)

    def _connect(self):
        if self.tls:
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=15, context=self.tls)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)

    def _run(self):
        connection = None
        while not self.over.is_set():
            start = time.monotonic()
            try:
                if connection is None:
                    connection = self._connect()
                with self.lock:
                    body = next(self.bodies)
                connection.request("POST" if body else "GET", self.path, body, {"content-type": "application/json"})
                answer = connection.getresponse()
                content = answer.read()
                failure = None if answer.status == 200 else f"{answer.status}: {content[:200]!r}"
                if answer.will_close:
                    connection.close()
                    connection = None
            except (OSError, http.client.HTTPException) as error:
                failure, connection = repr(error), None
            seconds = time.monotonic() - start
            with self.lock:
                self.sent += 1
                self.slowest_seconds = max(self.slowest_seconds, seconds)
                if failure:
                    self.failures.append(f"{time.strftime('%H:%M:%S')} after {seconds:.3f} s: {failure}")
            self.over.wait(self.pause_seconds)


def request_of(row):
    """An inference request with one row."""
    tensor = {"name": "input", "shape": [1, len(row)], "datatype": "FP32", "data": row}
    return json.dumps({"inputs": [tensor]}).encode()
