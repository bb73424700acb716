# SPDX-License-Identifier: Apache-2.0
"""librdkafka's own integration tests, by number, from a build that the user has made."""

import os
import re
import subprocess
import tempfile
import time

from brokers import EmbeddedBroker
from report import Result

CLIENT = "librdkafka tests"
EXPECTED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "librdkafka-tests.txt")
SUMMARY = re.compile(r"\|\S* (\d{4}_\w+) +\S*\| +(PASSED|FAILED|SKIPPED) \| +([\d.]+)s")
COLOUR = re.compile(r"\x1b\[\d*m")
# The Kafka whose behaviour the tests expect where versions differ.
KAFKA_VERSION = "3.8.0"
# What the tests take for granted of their cluster: three brokers, and Kafka's delay before a group's first generation.
BROKER_OPTIONS = ["--accepted-replication-factor", "3", "--group-initial-rebalance-delay-ms", "3000"]
# What librdkafka calls a scenario: a broker of another kind, and tests that run against it only.
SCENARIOS = {"": [], "noautocreate": ["--set", "auto.create.topics.enable=false"]}


def expectations():
    """Rows of the list: number, part ('-' for all), what is expected, limit in seconds, reason."""
    with open(EXPECTED, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                number, part, expected, limit, *reason = line.split(maxsplit=4)
                yield number, "" if part == "-" else part, expected, int(limit), reason[0].strip() if reason else ""


def version(tests):
    try:
        with open(os.path.join(tests, "..", "src", "rdkafka.h"), encoding="utf-8") as file:
            number = int(re.search(r"#define RD_KAFKA_VERSION +(0x[0-9a-f]+)", file.read()).group(1), 16)
    except OSError:
        return "?"
    return f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}"


def run(cluster, options):
    tests = options.librdkafka_tests
    if not tests:
        detail = "build librdkafka and its tests (make; make -C tests build), then set LIBRDKAFKA_TESTS to tests/"
        yield Result(cluster.name, CLIENT, "-", "all", "not run", 0, detail)
        return
    if not os.access(os.path.join(tests, "test-runner"), os.X_OK):
        yield Result(cluster.name, CLIENT, "-", "all", "failed", 0, f"{tests}/test-runner is not built")
        return
    wanted = set(filter(None, options.librdkafka_only.split(",")))
    rows = [row for row in expectations() if not wanted or row[0] in wanted]
    if not cluster.is_embedded:
        yield from _run_all(cluster, tests, options, [row for row in rows if not _scenario(row)])
        return
    for scenario, extra in SCENARIOS.items():
        own = [row for row in rows if _scenario(row) == scenario]
        if own:
            with EmbeddedBroker(options.relay, *BROKER_OPTIONS, *extra) as broker:
                yield from _run_all(broker, tests, options, own)


def _scenario(row):
    return row[1][1:] if row[1].startswith("@") else ""


def _run_all(cluster, tests, options, rows):
    with tempfile.TemporaryDirectory(prefix="conformance-") as directory:
        configuration = os.path.join(directory, "test.conf")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(f"bootstrap.servers={cluster.bootstrap_servers}\ntest.timeout.multiplier=2\n")
        logs = options.log_directory or directory
        os.makedirs(logs, exist_ok=True)
        for row in rows:
            yield from _run_one(cluster, os.path.abspath(tests), configuration, logs, row)


def _run_one(cluster, tests, configuration, logs, row):
    number, part, expected, limit, reason = row
    label = f"{number} {part}".strip()
    if expected == "never" or (expected == "tools" and not os.environ.get("KAFKA_PATH")):
        yield Result(cluster.name, CLIENT, version(tests), label, "not run", 0, reason, must_pass=False)
        return
    environment = {
        **os.environ, "TESTS": number, "RDKAFKA_TEST_CONF": configuration, "LD_LIBRARY_PATH": "../src:../src-cpp",
        "TEST_KAFKA_VERSION": KAFKA_VERSION, "BROKERS": cluster.bootstrap_servers,
    }
    scenario = _scenario(row)
    part = "" if scenario else part
    if part:
        environment["SUBTESTS"] = part
    start = time.monotonic()
    log = os.path.join(logs, f"{label.replace(' ', '-')}.log")
    with open(log, "wb") as output:
        try:
            code = subprocess.run(
                ["./test-runner", "-p1", "-E", "-L", *(["-s", scenario] if scenario else [])], cwd=tests,
                env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, timeout=limit,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            code = None
    seconds = time.monotonic() - start
    with open(log, encoding="utf-8", errors="replace") as file:
        text = COLOUR.sub("", file.read())
    result, detail = _judge(text, code, limit, part)
    if result != "passed" and reason:
        detail = f"{detail} ({reason})"
    yield Result(cluster.name, CLIENT, version(tests), label, result, seconds, detail, must_pass=expected == "must")


def _judge(text, code, limit, part):
    if code is None:
        return "failed", f"not within {limit} s"
    if code != 0:
        failure = re.search(r"### (Test .*?) at \w{3} .*\n(.*)", text)
        return "failed", " ".join(failure.groups()) if failure else f"exit code {code}"
    ran = [(name, state) for name, state, _ in SUMMARY.findall(text) if state != "SKIPPED"]
    if not ran:
        # The parts that need no broker are filtered out first.
        skipped = re.findall(r"SKIPP\w* TEST: (.*)", text)
        return "not run", skipped[-1] if skipped else "the tests skipped it"
    if part and not re.search(rf"\[ {part}:.*: PASS \(", text):
        return "failed", f"no part of the test is called {part}"
    return "passed", ""
