# SPDX-License-Identifier: Apache-2.0
"""What the cases run against."""

import json
import os
import shutil
import subprocess
import tempfile
import time


class OutsideCluster:
    name = "cluster"
    is_embedded = False

    def __init__(self, bootstrap_servers):
        self.bootstrap_servers = bootstrap_servers


class EmbeddedBroker:
    """`relay broker` on a directory and a port of its own."""

    name = "embedded"
    is_embedded = True

    def __init__(self, relay, *options):
        self.relay = relay
        self.options = list(options)

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix="conformance-")
        address = os.path.join(self.directory, "address.json")
        with open(os.path.join(self.directory, "log"), "wb") as log:
            self.process = subprocess.Popen(
                [
                    self.relay, "broker", "--data-directory", os.path.join(self.directory, "data"),
                    "--listen", "127.0.0.1:0", "--address-file", address, *self.options,
                ],
                stdout=log, stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + 60
        while not os.path.exists(address):
            if self.process.poll() is not None or time.monotonic() > deadline:
                with open(os.path.join(self.directory, "log")) as log:
                    raise RuntimeError("the broker did not start: " + log.read())
            time.sleep(0.05)
        with open(address) as file:
            fields = json.load(file)
        self.bootstrap_servers = f"{fields['host']}:{fields['port']}"
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.directory)
