# SPDX-License-Identifier: Apache-2.0
"""How results are shown."""

import dataclasses
import json
import sys


@dataclasses.dataclass
class Result:
    cluster: str
    client: str
    version: str
    case: str
    # passed, failed, noted (it behaves as is known of this client) or "not run"
    result: str
    seconds: float
    detail: str = ""
    must_pass: bool = True

    @property
    def is_violation(self):
        return self.must_pass and self.result == "failed"


class Table:
    def __init__(self):
        self.print("CLUSTER", "CLIENT", "VERSION", "CASE", "RESULT", "SECONDS")

    @staticmethod
    def print(cluster, client, version, case, result, seconds, detail=""):
        print(f"{cluster:9} {client:17} {version:10} {case:74} {result:7} {seconds:>8}  {detail}".rstrip(), flush=True)

    def row(self, row):
        first = row.detail.strip().splitlines()[-1][:160] if row.detail.strip() else ""
        result = row.result if row.must_pass or row.result != "failed" else "fails"
        self.print(row.cluster, row.client, row.version, row.case, result, f"{row.seconds:.1f}", first)

    @staticmethod
    def end(results):
        bad = [row for row in results if row.is_violation]
        for row in bad:
            print(f"\n{row.cluster} {row.client}: {row.case}\n{row.detail}")
        count = sum(row.result == "passed" for row in results)
        print(f"\n{count} of {len(results)} passed; {len(bad)} that must pass did not")


class Json:
    def row(self, row):
        print(f"{row.client}: {row.case}: {row.result}", file=sys.stderr, flush=True)

    @staticmethod
    def end(results):
        print(json.dumps([dataclasses.asdict(row) for row in results], indent=1))
