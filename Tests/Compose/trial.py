# SPDX-License-Identifier: Apache-2.0
"""What is tried, in order. Each step gives a line of the report; one that fails is told and the next is tried."""

import contextlib
import dataclasses
import json
import re
import time

from load import Load, request_of
from stack import OVERLAYS, ROUTER_PORT, SCREEN_PORT, SERVICES, Failed

SCALE = {"pipeline": 3, "captain": 2, "deploy": 2}
# The sample's own data, in no order: monitor would call anything else a drift, and have the release withdrawn.
ROWS = """
import json, random
from sklearn.datasets import load_breast_cancer
rows = load_breast_cancer().data.tolist()
random.Random(1).shuffle(rows)
print(json.dumps(rows))
"""


@dataclasses.dataclass
class Step:
    step: str
    passed: bool
    seconds: float
    detail: str


class Trial:
    def __init__(self, stack, show):
        self.stack, self.show = stack, show
        self.steps = []
        self.bodies = []

    def run(self):
        self._step("files that go together", self._files)
        self._step("images", self._images)
        if not self._step("start until all are healthy", self._start):
            return
        if self._step("the sample", self._sample):
            self._step("scaling while a baton races, and a crash", self._scale)
            self._step("rolling restart under load", self._roll)
        self._step("the judge", self._judge)

    def _step(self, name, body):
        start = time.monotonic()
        try:
            passed, (detail, *own) = True, body()
            seconds = own[0] if own else time.monotonic() - start
        except Failed as error:
            passed, detail, seconds = False, str(error), time.monotonic() - start
        self.steps.append(Step(name, passed, round(seconds, 1), detail))
        self.show(self.steps[-1])
        return passed

    def _files(self):
        for overlays in OVERLAYS:
            self.stack.check(overlays)
        return (f"{len(OVERLAYS)} combinations are valid",)

    def _images(self):
        self.stack.build()
        sizes = self.stack.image_sizes()
        return (", ".join(f"{name} {size / 1e6:.0f} MB" for name, size in sizes.items()),)

    def _start(self):
        output = self.stack.compose("up", "--detach", "--wait", "--no-build")
        if again := self.stack.started_again():
            raise Failed(f"ended, and were started again: {', '.join(again)}")
        return (f"{len(set(re.findall(r'Container (.*?) +Healthy', output)))} containers healthy",)

    def _sample(self):
        output = self.stack.compose("run", "--rm", "-T", "relay", "run", "breast-cancer")
        rows = self.stack.compose("exec", "-T", "pipeline", "python3", "-c", ROWS)
        self.bodies = [request_of(row) for row in json.loads(rows.strip().splitlines()[-1])]
        return self._finished(output)

    @staticmethod
    def _finished(output):
        sent = re.search(r"(\d+) sent, (\d+) failed", output)
        if not re.search(r"ending +finished", output) or not sent or sent.group(2) != "0":
            raise Failed(f"the baton did not finish as it should:\n{output[-1500:]}")
        minutes, seconds = re.search(r"\n  time +(\d+):(\d+\.\d)", output).groups()
        return f"finished after {int(minutes) * 60 + float(seconds)} s, {sent.group(0)}",

    @contextlib.contextmanager
    def _load(self):
        """Requests for answers and for the list of batons, while the body runs; none may fail."""
        path = "/v2/models/breast-cancer/infer"
        tls = self.stack.tls
        with Load(ROUTER_PORT, path, self.bodies, tls=tls) as inference, \
                Load(SCREEN_PORT, "/batons", threads=2, pause_seconds=0.05, tls=tls) as queries:
            yield lambda: self._unharmed(inference=inference, queries=queries)

    @staticmethod
    def _unharmed(**loads):
        bad = [failure for load in loads.values() for failure in load.failures]
        if bad:
            raise Failed(f"{len(bad)} requests failed: " + "; ".join(bad[:5]))
        return ", ".join(
            f"{load.sent} {name}, 0 failed, slowest {load.slowest_seconds:.2f} s" for name, load in loads.items())

    def _scale(self):
        with self._load() as unharmed:
            baton = self.stack.start_in_background(
                "run", "--rm", "--no-deps", "-T", "relay", "run", "breast-cancer")
            try:
                time.sleep(3)
                start = time.monotonic()
                scale = [part for name, count in SCALE.items() for part in ("--scale", f"{name}={count}")]
                # Without what they depend on: topics and users would run once more.
                self.stack.compose(
                    "up", "--detach", "--wait", "--no-build", "--no-recreate", "--no-deps", *scale, *SCALE)
                scaled = time.monotonic() - start
                victim = self.stack.containers("monitor")[0]
                self.stack.crash(victim)
                output, _ = baton.communicate(timeout=300)
            finally:
                baton.kill()
            ended = self._finished(output)[0]
            self.stack.wait_until_healthy(victim)
            names = ", ".join(f"{name}={count}" for name, count in SCALE.items())
            return f"{names} healthy; monitor killed; the baton {ended}; {unharmed()}", scaled

    def _roll(self):
        count = 0
        with self._load() as unharmed:
            for service in SERVICES:
                for container in self.stack.containers(service):
                    self.stack.call("docker", "restart", "--time", "15", container)
                    self.stack.wait_until_healthy(container)
                    count += 1
            time.sleep(2)
            return (f"{count} containers one after the other; {unharmed()}",)

    def _judge(self):
        output = self.stack.compose("run", "--rm", "-T", "relay", "judge", "--until-settled", "60s")
        return (output.strip().splitlines()[-1].strip(),)
