# SPDX-License-Identifier: Apache-2.0
"""Debian's kcat. It cannot make topics, and a cluster need not make those that are written to."""

import shutil
import subprocess

from common import equal, unique
from confluent_tools import topic as make_topic

CLIENT = "kcat"


def version():
    out = subprocess.run(["kcat", "-V"], capture_output=True, text=True, check=False).stdout
    return next((line.split()[1] for line in out.splitlines() if line.startswith("Version")), "?")


def kcat(cluster, *arguments, text=None):
    done = subprocess.run(
        ["kcat", "-b", cluster.bootstrap_servers, "-q", *arguments],
        input=text, capture_output=True, text=True, timeout=60, check=False,
    )
    assert done.returncode == 0, f"kcat {arguments}: {done.stderr}"
    return done.stdout.splitlines()


def installed(_):
    """is installed"""
    assert shutil.which("kcat"), "kcat is missing; `make setup` installs it"


def codecs(cluster):
    """what is published is read, in every compression"""
    values = [f"value {number}" for number in range(500)]
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"]:
        topic = make_topic(cluster, unique(codec))
        kcat(cluster, "-P", "-t", topic, "-p", "0", "-z", codec, text="\n".join(values))
        equal(kcat(cluster, "-C", "-t", topic, "-p", "0", "-e"), values, codec)


def idempotent(cluster):
    """an idempotent producer's records are there once, in order"""
    topic = make_topic(cluster, unique("idempotent"))
    values = [str(number) for number in range(2000)]
    kcat(cluster, "-P", "-t", topic, "-p", "0", "-X", "enable.idempotence=true", text="\n".join(values))
    equal(kcat(cluster, "-C", "-t", topic, "-p", "0", "-e"), values, "values")


def groups(cluster):
    """a group reads everything, eager and cooperative"""
    topic = make_topic(cluster, unique("group"))
    values = [str(number) for number in range(300)]
    kcat(cluster, "-P", "-t", topic, text="\n".join(values))
    for strategy in ["range", "roundrobin", "cooperative-sticky"]:
        read = kcat(
            cluster, "-G", unique("group"), "-X", f"partition.assignment.strategy={strategy}",
            "-X", "auto.offset.reset=earliest", "-c", "300", topic,
        )
        equal(sorted(read), sorted(values), strategy)


def headers(cluster):
    """keys, headers and timestamps survive"""
    topic = make_topic(cluster, unique("headers"))
    kcat(cluster, "-P", "-t", topic, "-p", "0", "-K", ":", "-H", "a=1", "-H", "a=2", "-H", "b=", text="key:value\n")
    read = kcat(cluster, "-C", "-t", topic, "-e", "-f", "%k|%s|%h|%T\n")
    key, value, found, timestamp = read[0].split("|")
    equal((key, value, found), ("key", "value", "a=1,a=2,b="), "record")
    assert int(timestamp) > 1_600_000_000_000, timestamp


def times(cluster):
    """offsets are found by time"""
    topic = make_topic(cluster, unique("times"))
    kcat(cluster, "-P", "-t", topic, "-p", "0", text="first")
    first = int(kcat(cluster, "-C", "-t", topic, "-p", "0", "-e", "-f", "%T\n")[0])
    equal(kcat(cluster, "-Q", "-t", f"{topic}:0:{first}"), [f"{topic} [0] offset 0"], "at the time")
    equal(kcat(cluster, "-Q", "-t", f"{topic}:0:-1"), [f"{topic} [0] offset 1"], "end")


def large(cluster):
    """a record of 900 kB survives"""
    topic = make_topic(cluster, unique("large"))
    value = "x" * 900_000
    kcat(cluster, "-P", "-t", topic, "-p", "0", text=value)
    equal(kcat(cluster, "-C", "-t", topic, "-p", "0", "-e"), [value], "value")


CASES = [installed, codecs, idempotent, groups, headers, times, large]
