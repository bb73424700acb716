# SPDX-License-Identifier: Apache-2.0
"""Runs other people's Kafka clients against the embedded broker and, if one is named, against another cluster.

Exits with 1 when something that must pass does not.
"""

import argparse
import os
import sys

import report
import runner
from brokers import EmbeddedBroker, OutsideCluster


def arguments():
    parser = argparse.ArgumentParser(prog="make conformance", description=__doc__)
    parser.add_argument("--relay", required=True, help="the relay executable")
    parser.add_argument("--output", choices=["table", "json"], default="table")
    parser.add_argument("--only", default="", help="run only cases whose client or name contains this text")
    parser.add_argument(
        "--librdkafka-tests",
        default=os.environ.get("LIBRDKAFKA_TESTS", ""),
        help="directory of librdkafka's tests, built (also LIBRDKAFKA_TESTS)",
    )
    parser.add_argument("--librdkafka-only", default="", help="numbers of librdkafka's tests to run, by commas")
    parser.add_argument("--log-directory", default="", help="where the output of librdkafka's tests is kept")
    return parser.parse_args()


def main():
    options = arguments()
    results = []
    show = report.Table() if options.output == "table" else report.Json()
    with EmbeddedBroker(options.relay) as cluster:
        for result in runner.run(cluster, options):
            results.append(result)
            show.row(result)
    outside = os.environ.get("RELAY_KAFKA_BOOTSTRAP_SERVERS", "")
    if outside:
        for result in runner.run(OutsideCluster(outside), options):
            results.append(result)
            show.row(result)
    show.end(results)
    return 1 if any(result.is_violation for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
