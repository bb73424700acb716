# SPDX-License-Identifier: Apache-2.0
"""confluent-kafka: records and transactions."""

import json
import re
from pathlib import Path

import confluent_kafka
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from common import HOUR_AGO, equal, unique, until
from confluent_tools import Member, consumer, produce, producer, read, settled, topic, values

CLIENT = "confluent-kafka"


def version():
    return confluent_kafka.version()


def idempotent(cluster):
    """an idempotent producer's records are there once, in order"""
    name = topic(cluster, unique("idempotent"))
    sent = [str(number) for number in range(5000)]
    produce(producer(cluster, enable_idempotence=True), name, sent)
    equal(values(read(cluster, name)), sent, "values")


def transactions(cluster):
    """a committed transaction is read, an aborted one is not"""
    name = topic(cluster, unique("transactions"))
    client = producer(cluster, transactional_id=unique("id"))
    client.init_transactions(30)
    for outcome, value in [("abort", "a"), ("commit", "b"), ("abort", "c"), ("commit", "d")]:
        client.begin_transaction()
        produce(client, name, [value] * 3)
        client.commit_transaction(30) if outcome == "commit" else client.abort_transaction(30)
    equal(values(read(cluster, name)), ["b"] * 3 + ["d"] * 3, "committed")
    equal(len(read(cluster, name, isolation="read_uncommitted")), 12, "records in all")


def open_transaction(cluster):
    """an open transaction holds readers of committed records back"""
    name = topic(cluster, unique("open"))
    client = producer(cluster, transactional_id=unique("id"))
    client.init_transactions(30)
    client.begin_transaction()
    produce(client, name, ["open"])
    produce(producer(cluster), name, ["later"])
    equal(values(read(cluster, name)), [], "committed")
    reader = consumer(cluster, "reader", isolation_level="read_committed")
    equal(reader.get_watermark_offsets(TopicPartition(name, 0), timeout=10), (0, 0), "last stable offset")
    client.commit_transaction(30)
    equal(values(read(cluster, name)), ["open", "later"], "committed")


def transform(cluster):
    """consume-transform-produce with aborts in between is exactly once"""
    source, target = topic(cluster, unique("source"), 4), topic(cluster, unique("target"), 2)
    sent = [f"{partition}-{number}" for partition in range(4) for number in range(100)]
    for partition in range(4):
        produce(producer(cluster), source, [value for value in sent if value[0] == str(partition)], partition)
    group = unique("group")
    reader = consumer(cluster, group, isolation_level="read_committed")
    reader.subscribe([source])
    client = producer(cluster, transactional_id=unique("id"))
    client.init_transactions(30)
    committed, rounds = 0, 0
    while committed < len(sent):
        batch = [message for message in reader.consume(40, timeout=5) if message.error() is None]
        if not batch:
            continue
        rounds += 1
        client.begin_transaction()
        for message in batch:
            client.produce(target, value=message.value(), partition=message.partition() % 2)
        places = reader.position(reader.assignment())
        client.send_offsets_to_transaction(
            [place for place in places if place.offset >= 0], reader.consumer_group_metadata(), 30
        )
        if rounds % 3 == 1:
            client.abort_transaction(30)
            for place in reader.committed(reader.assignment(), timeout=30):
                place.offset = max(place.offset, 0)
                reader.seek(place)
        else:
            client.commit_transaction(30)
            committed += len(batch)
    equal(sorted(values(read(cluster, target, 2))), sorted(sent), "values")
    places = [TopicPartition(source, index) for index in range(4)]
    equal([place.offset for place in reader.committed(places, timeout=30)], [100] * 4, "offsets")
    reader.close()


def fenced(cluster):
    """a producer with the same transactional id fences the old one"""
    name, shared = topic(cluster, unique("fenced")), unique("id")
    old = producer(cluster, transactional_id=shared)
    old.init_transactions(30)
    old.begin_transaction()
    produce(old, name, ["zombie"])
    new = producer(cluster, transactional_id=shared)
    new.init_transactions(30)
    try:
        old.commit_transaction(30)
        raise AssertionError("the old producer's commit is accepted")
    except KafkaException as exception:
        error = exception.args[0]
        assert error.fatal() and error.code() in (KafkaError._FENCED, KafkaError.PRODUCER_FENCED), error
    new.begin_transaction()
    produce(new, name, ["heir"])
    new.commit_transaction(30)
    equal(values(read(cluster, name)), ["heir"], "committed")


def stale_generation(cluster):
    """offsets under a stale generation are refused in a transaction"""
    name, group = topic(cluster, unique("stale"), 2), unique("group")
    first = Member(cluster, group, name)
    settled([first], 2)
    stale = first.client.consumer_group_metadata()
    second = Member(cluster, group, name)
    settled([first, second], 2)
    client = producer(cluster, transactional_id=unique("id"))
    client.init_transactions(30)
    client.begin_transaction()
    try:
        client.send_offsets_to_transaction([TopicPartition(name, 0, 1)], stale, 30)
        raise AssertionError("offsets under a stale generation are accepted")
    except KafkaException as exception:
        error = exception.args[0]
        equal(error.code(), KafkaError.ILLEGAL_GENERATION, "error")
        assert error.txn_requires_abort(), error
    client.abort_transaction(30)
    client.begin_transaction()
    client.send_offsets_to_transaction([TopicPartition(name, 0, 1)], first.client.consumer_group_metadata(), 30)
    client.commit_transaction(30)
    equal(first.client.committed([TopicPartition(name, 0)], timeout=30)[0].offset, 1, "offset")
    first.client.close()
    second.client.close()


def unstable_offsets(cluster):
    """offsets in an open transaction are waited for, not passed over"""
    name, group = topic(cluster, unique("unstable")), unique("group")
    client = producer(cluster, transactional_id=unique("id"))
    reader = consumer(cluster, group)
    client.init_transactions(30)
    client.begin_transaction()
    client.send_offsets_to_transaction([TopicPartition(name, 0, 7)], reader.consumer_group_metadata(), 30)
    try:
        place = reader.committed([TopicPartition(name, 0)], timeout=1)[0]
        raise AssertionError(f"answered with {place} while the transaction is open")
    except KafkaException as exception:
        assert exception.args[0].code() in (KafkaError._TIMED_OUT, KafkaError.UNSTABLE_OFFSET_COMMIT), exception
    client.commit_transaction(30)
    equal(reader.committed([TopicPartition(name, 0)], timeout=30)[0].offset, 7, "offset")


def transaction_timeout(cluster):
    """a transaction that outlives its timeout is aborted and its owner fenced"""
    name = topic(cluster, unique("timeout"))
    client = producer(cluster, transactional_id=unique("id"), transaction_timeout_ms=2000, message_timeout_ms=2000)
    client.init_transactions(30)
    client.begin_transaction()
    produce(client, name, ["late"])
    produce(producer(cluster), name, ["plain"])
    until(lambda: values(read(cluster, name)) == ["plain"], "the broker aborts the transaction")
    try:
        client.commit_transaction(30)
        raise AssertionError("the commit is accepted")
    except KafkaException as exception:
        assert exception.args[0].fatal(), exception


def timeout_bound(cluster):
    """a transaction timeout beyond the broker's bound is refused"""
    client = producer(cluster, transactional_id=unique("id"), transaction_timeout_ms=7200000)
    try:
        client.init_transactions(30)
        raise AssertionError("accepted")
    except KafkaException as exception:
        equal(exception.args[0].code(), KafkaError.INVALID_TRANSACTION_TIMEOUT, "error")


def headers(cluster):
    """keys, headers, nulls and timestamps survive"""
    name = topic(cluster, unique("headers"))
    pairs = [("a", b"1"), ("a", b"2"), ("empty", b""), ("null", None)]
    client = producer(cluster)
    client.produce(name, key=b"k", value=None, partition=0, headers=pairs, timestamp=HOUR_AGO + 123)
    client.produce(name, key=None, value=b"", partition=0)
    equal(client.flush(30), 0, "records left")
    first, second = read(cluster, name)
    equal((first.key(), first.value(), first.headers()), (b"k", None, pairs), "first record")
    equal(first.timestamp()[1], HOUR_AGO + 123, "timestamp")
    equal((second.key(), second.value() or b""), (None, b""), "second record")


def codecs(cluster):
    """every compression is read back"""
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"]:
        name = topic(cluster, unique(codec))
        sent = [f"{number} of {codec}" for number in range(1000)]
        produce(producer(cluster, compression_type=codec, linger_ms=50), name, sent)
        equal(values(read(cluster, name)), sent, codec)


def times(cluster):
    """offsets are found by time"""
    find_times(cluster, "none")


def compressed_times(cluster):
    """offsets are found by time, within compressed batches too"""
    for codec in ["gzip", "snappy", "lz4", "zstd"]:
        find_times(cluster, codec)


def find_times(cluster, codec):
    name = topic(cluster, unique("times"))
    client = producer(cluster, compression_type=codec, linger_ms=100)
    for number in range(100):
        client.produce(name, value=b"v", partition=0, timestamp=HOUR_AGO + 1000 * number)
    equal(client.flush(30), 0, "records left")
    reader = consumer(cluster, "times")
    asked = [0, HOUR_AGO, HOUR_AGO + 41_500, HOUR_AGO + 99_000, HOUR_AGO + 3_000_000]
    found = [
        reader.offsets_for_times([TopicPartition(name, 0, timestamp)], timeout=10)[0].offset for timestamp in asked
    ]
    equal(found[:4], [0, 0, 42, 99], f"offsets ({codec})")
    assert found[4] in (-1, 100), found


def large(cluster):
    """a large record survives, one beyond the topic's bound is refused"""
    name = topic(cluster, unique("large"), max_message_bytes="300000")
    client = producer(cluster, message_max_bytes=2_000_000)
    produce(client, name, ["x" * 250_000])
    equal(len(read(cluster, name)[0].value()), 250_000, "size")
    failures = []
    client.produce(name, value=b"x" * 400_000, partition=0, on_delivery=lambda error, _: failures.append(error))
    client.flush(30)
    equal(failures[0] and failures[0].code(), KafkaError.MSG_SIZE_TOO_LARGE, "error")


def compacted(cluster):
    """a compacted topic refuses a record without a key"""
    name, failures = topic(cluster, unique("compacted"), cleanup_policy="compact"), []
    client = producer(cluster)
    client.produce(name, value=b"v", partition=0, on_delivery=lambda error, _: failures.append(error))
    client.flush(30)
    equal(failures[0] and failures[0].code(), KafkaError.INVALID_RECORD, "error")


def documented(cluster):
    """the lines of docs/events/README.md ask for a release"""
    page = Path(__file__).parents[2].joinpath("docs/events/README.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    name = topic(cluster, unique("inbox"))
    here = program.replace("127.0.0.1:9092", cluster.bootstrap_servers).replace('"relay.inbox"', repr(name))
    equal(here.count(name), 1, "topics named")
    exec(compile(here, "docs/events/README.md", "exec"), {})
    (record,) = read(cluster, name)
    equal(dict(record.headers())["ce_type"], b"relay.release.requested.v1", "type")
    equal(json.loads(record.value())["model"], "iris", "model")


CASES = [
    documented, idempotent, transactions, open_transaction, transform, fenced, stale_generation, unstable_offsets,
    transaction_timeout, timeout_bound, headers, codecs, times, compressed_times, large, compacted,
]
