# SPDX-License-Identifier: Apache-2.0
"""Runs the relay with docker compose, a broker and the gateway, and looks at what people would notice.

Without a container engine nothing is tried, and that is said. Exits with 1 when something failed.
"""

import argparse
import dataclasses
import json
import sys

from stack import KAFKA, Stack, engine_problem
from trial import Trial


def arguments():
    parser = argparse.ArgumentParser(prog="make compose-test", description=__doc__)
    parser.add_argument("--output", choices=["table", "json"], default="table")
    parser.add_argument(
        "--binaries", default="", help="directory of built executables to run in the place of images")
    parser.add_argument(
        "--kafka", choices=list(KAFKA), default="embedded", help="the embedded broker, or one or three nodes of Kafka")
    parser.add_argument("--secure", action="store_true", help="TLS, and for each service its own user")
    options = parser.parse_args()
    if options.secure and options.kafka == "embedded":
        parser.error("--secure needs Kafka: --kafka apache or --kafka cluster")
    return options


def row(step):
    first = step.detail.strip().splitlines()[0] if step.detail.strip() else ""
    return f"{step.step:42} {'passed' if step.passed else 'FAILED':7} {step.seconds:>8.1f}  {first}"


def main():
    options = arguments()
    problem = engine_problem()
    if problem:
        print(json.dumps({"tried": False, "reason": problem}) if options.output == "json"
              else f"nothing was tried: {problem}")
        return 0
    table = options.output == "table"
    if table:
        print(f"{'STEP':42} {'RESULT':7} {'SECONDS':>8}  WHAT", flush=True)
    stack = Stack(options.binaries or None, options.kafka, options.secure)
    trial = Trial(stack, lambda step: print(row(step), file=sys.stdout if table else sys.stderr, flush=True))
    try:
        trial.run()
    finally:
        stack.down()
    failed = [step for step in trial.steps if not step.passed]
    if not table:
        steps = [dataclasses.asdict(step) for step in trial.steps]
        print(json.dumps({"tried": True, "passed": not failed, "steps": steps}, indent=2))
    for step in failed if table else []:
        print(f"\n{step.step}:\n{step.detail}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
