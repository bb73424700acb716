# SPDX-License-Identifier: Apache-2.0
"""What cases for all clients share."""

import time
import uuid


# Milliseconds since 1970. Not further back: a broker deletes records that are older than its retention.
HOUR_AGO = int(time.time() * 1000) - 3_600_000


class Noted(Exception):
    """The client behaves in a way that is known of it and is not the broker's fault."""


def unique(name):
    return f"conformance-{name}-{uuid.uuid4().hex[:10]}"


def equal(actual, expected, what):
    assert actual == expected, f"{what}: {short(actual)} instead of {short(expected)}"


def short(value):
    text = repr(value)
    return text if len(text) < 400 else text[:400] + "..."


def until(condition, what, seconds=60):
    """Calls the condition, which itself waits a little, until it holds; returns its value."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
    raise AssertionError(f"not within {seconds} s: {what}")
