# SPDX-License-Identifier: Apache-2.0
"""Runs the test program in parts, a few at once: `python3 Tests/Run <test program> [--at-once 3] [--relays-at-once 2]`.

Each part is a process of its own that runs its tests one after another: a module, or one suite of whole relays. Most of
their time is waiting, so several at once are quicker; more than a few would only measure how long a starved process can
keep its session. What a part says is kept below `.build/tests`; at the end come the slowest tests and what failed.
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import time

# Of whole relays each suite is a part; the longest first, so that none is left alone at the end.
WHOLE_RELAYS = {"Integration", "ChaosTests"}
LONGEST_FIRST = ["DocumentedCommandTests", "ShortRaceTests", "EmbeddedBrokerTests", "Killed", "MonitorTests", "KafkaTests",
                 "ScreenTests", "BrokenChain", "Judged", "Outage", "RelayTests", "LegRuntimeTests"]
SHOWN = 20
LONG_SECONDS = 20


class Part:
    def __init__(self, name, expression, is_relay, directory):
        self.name, self.expression, self.is_relay = name, expression, is_relay
        stem = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")
        self.log, self.events = directory / f"{stem}.log", directory / f"{stem}.events"
        self.process, self.started, self.took = None, 0.0, 0.0

    def start(self, program):
        command = [program, "--testing-library", "swift-testing", "--no-parallel", "--filter", self.expression,
                   "--event-stream-version", "0", "--event-stream-output-path", str(self.events)]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        self.started = time.monotonic()

    def has_ended(self):
        if self.process.poll() is None:
            return False
        self.took = time.monotonic() - self.started
        return True


def parts(program, directory):
    """The modules, and the suites of whole relays, as the program lists them."""
    listing = subprocess.run([program, "--testing-library", "swift-testing", "--list-tests"],
                             capture_output=True, text=True, check=True).stdout
    found = {}
    for test in listing.split("\n"):
        match = re.match(r"([A-Za-z0-9_]+)\.(.+)", test)
        if not match:
            continue
        module, path = match.groups()
        if module in WHOLE_RELAYS:
            suite = "/".join(path.split("/")[:-1]) or path
            found[f"{module}.{suite}"] = True
        else:
            found.setdefault(module, False)
    made = [Part(name, f"^{re.escape(name)}([/.]|$)", is_relay, directory) for name, is_relay in found.items()]
    order = {name: place for place, name in enumerate(LONGEST_FIRST)}
    return sorted(made, key=lambda part: order.get(re.split("[./]", part.name)[-1], len(order)))


def times(made):
    """Seconds by module and test, of all that ended."""
    seconds = collections.Counter()
    for part in made:
        names = {}
        for line in part.events.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            payload = record["payload"]
            if record["kind"] == "test" and payload["kind"] == "function":
                names[payload["id"]] = payload.get("displayName") or payload["name"]
            elif payload.get("testID") in names and payload["kind"] in ("testStarted", "testEnded"):
                key = (payload["testID"].split(".")[0], names[payload["testID"]], payload["testID"])
                seconds[key] += payload["instant"]["absolute"] * (1 if payload["kind"] == "testEnded" else -1)
    return seconds


def run(made, program, at_once, relays_at_once):
    waiting, running, ended = list(made), [], 0
    while waiting or running:
        for part in [part for part in running if part.has_ended()]:
            running.remove(part)
            ended += 1
            word = "passed" if part.process.returncode == 0 else "FAILED"
            print(f"{ended:3}/{len(made)} {word} {part.took:6.1f} s  {part.name}", flush=True)
        for part in list(waiting):
            relays = sum(other.is_relay for other in running)
            if len(running) < at_once and not (part.is_relay and relays >= relays_at_once):
                waiting.remove(part)
                part.start(program)
                running.append(part)
        time.sleep(0.1)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("--at-once", type=int, default=3)
    options.add_argument("--relays-at-once", type=int, default=2)
    arguments = options.parse_args()
    directory = pathlib.Path(".build/tests")
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.iterdir():
        old.unlink()
    begun = time.monotonic()
    made = parts(arguments.program, directory)
    run(made, arguments.program, arguments.at_once, arguments.relays_at_once)
    seconds = times(made)
    print(f"\nThe slowest {min(SHOWN, len(seconds))} of {len(seconds)} tests; {sum(seconds.values()):.0f} s in all, "
          f"in {time.monotonic() - begun:.0f} s:")
    for (module, name, _), taken in seconds.most_common(SHOWN):
        print(f"{taken:7.1f} s {'!' if taken > LONG_SECONDS else ' '} {module}: {name}")
    failed = [part for part in made if part.process.returncode != 0]
    for part in failed:
        print(f"\n{part.name} failed; all that it said is in {part.log}:", file=sys.stderr)
        lines = part.log.read_text(encoding="utf-8", errors="replace").splitlines()
        print("\n".join([line for line in lines if "✘" in line] or lines[-20:]), file=sys.stderr)
    if not seconds:
        print("no test ran", file=sys.stderr)
    skipped = [line for part in made for line in part.log.read_text(errors="replace").splitlines() if "skipped" in line]
    print("\n".join(skipped))
    sys.exit(1 if failed or not seconds else 0)


if __name__ == "__main__":
    main()
