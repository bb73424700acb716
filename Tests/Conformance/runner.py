# SPDX-License-Identifier: Apache-2.0
"""Runs every case in a process of its own, so that one that hangs or crashes costs one row."""

import importlib
import multiprocessing
import os
import tempfile
import time
import traceback

import librdkafka_suite
from common import Noted
from report import Result

CLIENTS = ["with_kcat", "with_confluent", "with_confluent_groups", "with_aiokafka", "with_kafka_python"]
LIMIT_SECONDS = 120


def _child(pipe, function, cluster, errors):
    # Clients log what a case provokes on purpose; it is shown of a case that fails.
    os.dup2(errors, 2)
    try:
        function(cluster)
        pipe.send(("passed", ""))
    except Noted as note:
        pipe.send(("noted", str(note)))
    except BaseException:
        pipe.send(("failed", traceback.format_exc()))


def _run(function, cluster):
    start = time.monotonic()
    receiving, sending = multiprocessing.Pipe(duplex=False)
    errors = tempfile.TemporaryFile()
    process = multiprocessing.Process(target=_child, args=(sending, function, cluster, errors.fileno()))
    process.start()
    sending.close()
    outcome = ("failed", f"no result within {LIMIT_SECONDS} s")
    try:
        if receiving.poll(LIMIT_SECONDS):
            outcome = receiving.recv()
    except EOFError:
        outcome = ("failed", "the client's process died")
    seconds = time.monotonic() - start
    process.join(5)
    if process.is_alive():
        process.kill()
        process.join()
    if outcome[0] == "failed":
        errors.seek(0)
        outcome = ("failed", errors.read().decode(errors="replace")[-2000:] + outcome[1])
    errors.close()
    return outcome, seconds


def run(cluster, options):
    for name in CLIENTS:
        module = importlib.import_module(name)
        for function in module.CASES:
            case = function.__doc__.strip()
            if options.only and options.only not in case and options.only not in module.CLIENT:
                continue
            (result, detail), seconds = _run(function, cluster)
            yield Result(cluster.name, module.CLIENT, module.version(), case, result, seconds, detail)
    if not options.only or options.only in librdkafka_suite.CLIENT:
        yield from librdkafka_suite.run(cluster, options)
