# SPDX-License-Identifier: Apache-2.0
"""kafka-python."""

import threading
import time

import kafka
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from common import HOUR_AGO, equal, unique, until

CLIENT = "kafka-python"


def version():
    return kafka.__version__


def admin(cluster):
    return KafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers)


def topic(cluster, name, partitions=1):
    client = admin(cluster)
    client.create_topics([NewTopic(name, partitions, -1)])
    client.close()
    return name


def producer(cluster, **config):
    return KafkaProducer(bootstrap_servers=cluster.bootstrap_servers, **config)


def consumer(cluster, group=None, **config):
    return KafkaConsumer(
        bootstrap_servers=cluster.bootstrap_servers, group_id=group, auto_offset_reset="earliest",
        enable_auto_commit=False, **config,
    )


def send(client, name, values, partition=0, **extra):
    sent = [client.send(name, value=value.encode(), partition=partition, **extra) for value in values]
    client.flush(30)
    return [future.get(timeout=30).offset for future in sent]


def read(cluster, name, count, partitions=1, isolation="read_committed"):
    client = consumer(cluster, isolation_level=isolation)
    places = [TopicPartition(name, index) for index in range(partitions)]
    client.assign(places)
    client.seek_to_beginning(*places)
    records = []

    def poll():
        for batch in client.poll(timeout_ms=500).values():
            records.extend(batch)
        ends = client.end_offsets(places)
        return all(client.position(place) >= ends[place] for place in places)

    until(poll, "everything is read")
    client.close()
    equal(len(records), count, "number of records")
    return records


def values(records):
    return [record.value.decode() for record in records]


def idempotent(cluster):
    """an idempotent producer's records are there once, in order"""
    name, sent = topic(cluster, unique("idempotent")), [str(number) for number in range(1000)]
    equal(send(producer(cluster, enable_idempotence=True), name, sent), list(range(1000)), "offsets")
    equal(values(read(cluster, name, 1000)), sent, "values")


def transactions(cluster):
    """a committed transaction is read, an aborted one is not"""
    name = topic(cluster, unique("transactions"))
    client = producer(cluster, transactional_id=unique("id"))
    client.init_transactions()
    for outcome, value in [("abort", "a"), ("commit", "b"), ("abort", "c"), ("commit", "d")]:
        client.begin_transaction()
        send(client, name, [value] * 3)
        client.commit_transaction() if outcome == "commit" else client.abort_transaction()
    equal(values(read(cluster, name, 6)), ["b"] * 3 + ["d"] * 3, "committed")
    read(cluster, name, 12, isolation="read_uncommitted")


def transform(cluster):
    """consume-transform-produce with offsets in the transaction is exactly once"""
    source, target, group = topic(cluster, unique("source"), 2), topic(cluster, unique("target")), unique("group")
    sent = [f"{partition}-{number}" for partition in range(2) for number in range(100)]
    plain = producer(cluster)
    for partition in range(2):
        send(plain, source, [value for value in sent if value[0] == str(partition)], partition)
    reader = consumer(cluster, group, isolation_level="read_committed", max_poll_records=30)
    reader.subscribe([source])
    client = producer(cluster, transactional_id=unique("id"))
    client.init_transactions()
    committed, rounds = 0, 0
    while committed < len(sent):
        batches = reader.poll(timeout_ms=1000)
        if not batches:
            continue
        rounds += 1
        client.begin_transaction()
        for records in batches.values():
            for record in records:
                client.send(target, value=record.value, partition=0)
        places = {
            place: OffsetAndMetadata(records[-1].offset + 1, "", -1) for place, records in batches.items()
        }
        client.send_offsets_to_transaction(places, reader.group_metadata())
        if rounds % 3 == 1:
            client.abort_transaction()
            for place, records in batches.items():
                reader.seek(place, records[0].offset)
        else:
            client.commit_transaction()
            committed += sum(len(records) for records in batches.values())
    reader.close()
    equal(sorted(values(read(cluster, target, len(sent)))), sorted(sent), "values")


def fenced(cluster):
    """a producer with the same transactional id fences the old one"""
    name, shared = topic(cluster, unique("fenced")), unique("id")
    old, new = producer(cluster, transactional_id=shared), producer(cluster, transactional_id=shared)
    old.init_transactions()
    old.begin_transaction()
    send(old, name, ["zombie"])
    new.init_transactions()
    try:
        old.commit_transaction()
        raise AssertionError("the old producer's commit is accepted")
    except KafkaError as error:
        assert "Fenced" in type(error).__name__ or "Epoch" in type(error).__name__, repr(error)
    new.begin_transaction()
    send(new, name, ["heir"])
    new.commit_transaction()
    equal(values(read(cluster, name, 1)), ["heir"], "committed")


class Member(threading.Thread):
    """A consumer that polls on a thread of its own, as kafka-python's joins block."""

    def __init__(self, cluster, group, name, **config):
        super().__init__(daemon=True)
        self.client = consumer(cluster, group, heartbeat_interval_ms=300, **config)
        self.client.subscribe([name])
        self.assigned, self.ends = set(), threading.Event()
        self.start()

    def run(self):
        while not self.ends.is_set():
            self.client.poll(timeout_ms=100)
            self.assigned = {place.partition for place in self.client.assignment()}
        self.client.close()

    def end(self):
        self.ends.set()
        self.join(30)


def settled(members, partitions):
    def check():
        time.sleep(0.05)
        held = [index for member in members for index in member.assigned]
        return sorted(held) == list(range(partitions)) and all(member.assigned for member in members)

    until(check, f"{len(members)} members share {partitions} partitions")


def rebalance(cluster):
    """members share a topic, and take over from one that leaves"""
    name, group = topic(cluster, unique("rebalance"), 4), unique("group")
    members = [Member(cluster, group, name) for _ in range(2)]
    settled(members, 4)
    members.pop().end()
    settled(members, 4)
    members[0].end()


def stale_generation(cluster):
    """offsets under a stale generation are refused in a transaction"""
    name, group = topic(cluster, unique("stale"), 2), unique("group")
    first = Member(cluster, group, name)
    settled([first], 2)
    stale = first.client.group_metadata()
    second = Member(cluster, group, name)
    settled([first, second], 2)
    client = producer(cluster, transactional_id=unique("id"))
    client.init_transactions()
    client.begin_transaction()
    try:
        client.send_offsets_to_transaction({TopicPartition(name, 0): OffsetAndMetadata(1, "", -1)}, stale)
        client.commit_transaction()
        raise AssertionError("offsets under a stale generation are accepted")
    except KafkaError as error:
        assert "IllegalGeneration" in repr(error) or "CommitFailed" in repr(error), repr(error)
        client.abort_transaction()
    first.end()
    second.end()


def headers(cluster):
    """keys, headers and timestamps survive"""
    name, pairs = topic(cluster, unique("headers")), [("a", b"1"), ("a", b"2"), ("empty", b"")]
    send(producer(cluster), name, ["v"], key=b"k", headers=pairs, timestamp_ms=HOUR_AGO + 123)
    record = read(cluster, name, 1)[0]
    equal((record.key, list(record.headers), record.timestamp), (b"k", pairs, HOUR_AGO + 123), "record")


def codecs(cluster):
    """every compression is read back"""
    for codec in [None, "gzip", "snappy", "lz4", "zstd"]:
        name, sent = topic(cluster, unique("codec")), [f"{number} of {codec}" for number in range(500)]
        send(producer(cluster, compression_type=codec, linger_ms=20), name, sent)
        equal(values(read(cluster, name, 500)), sent, codec)


def times(cluster):
    """offsets are found by time"""
    name, client = topic(cluster, unique("times")), producer(cluster)
    for number in range(10):
        send(client, name, ["v"], timestamp_ms=HOUR_AGO + 1000 * number)
    reader, place = consumer(cluster), TopicPartition(name, 0)
    equal(reader.offsets_for_times({place: HOUR_AGO + 4_500})[place].offset, 5, "offset")
    equal(reader.offsets_for_times({place: HOUR_AGO + 3_000_000})[place], None, "after the end")


def lag(cluster):
    """a group's lag and the text committed with an offset"""
    name, group = topic(cluster, unique("lag")), unique("group")
    send(producer(cluster), name, [str(number) for number in range(10)])
    reader, place = consumer(cluster, group), TopicPartition(name, 0)
    reader.assign([place])
    reader.commit({place: OffsetAndMetadata(4, "so far \u2713", -1)})
    found = reader.committed(place, metadata=True)
    equal((found.offset, found.metadata), (4, "so far \u2713"), "offset and text")
    equal(reader.end_offsets([place])[place] - found.offset, 6, "lag")


def administration(cluster):
    """topics are created, described, configured, grown and deleted"""
    client, name = admin(cluster), unique("administration")
    topic(cluster, name, 2)
    until(lambda: len(client.describe_topics([name])[0]["partitions"]) == 2, "2 partitions")
    client.create_partitions({name: NewPartitions(3)})
    until(lambda: len(client.describe_topics([name])[0]["partitions"]) == 3, "3 partitions")
    client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs={"retention.ms": "4321"})])
    resource = ConfigResource(ConfigResourceType.TOPIC, name)
    until(lambda: "4321" in repr(client.describe_configs([resource])), "the configuration is changed")
    client.delete_topics([name])
    until(lambda: name not in client.list_topics(), "the topic is gone")


def inspection(cluster):
    """groups, transactions and producers are listed and described"""
    client, name = admin(cluster), topic(cluster, unique("inspection"))
    group, shared = unique("group"), unique("id")
    member = Member(cluster, group, name)
    settled([member], 1)
    assert group in repr(client.list_groups()), "the group is not listed"
    assert "Stable" in repr(client.describe_groups([group])), client.describe_groups([group])
    writer = producer(cluster, transactional_id=shared)
    writer.init_transactions()
    writer.begin_transaction()
    send(writer, name, ["open"])
    assert "Ongoing" in repr(client.describe_transactions([shared])), client.describe_transactions([shared])
    assert shared in repr(client.list_transactions()), client.list_transactions()
    text = repr(client.describe_producers([TopicPartition(name, 0)]))
    assert "transaction_start_offset=0" in text, text
    writer.commit_transaction()
    # A commit is answered before its markers are written.
    until(lambda: "CompleteCommit" in repr(client.describe_transactions([shared])), "the transaction is complete")
    member.end()


def cluster_tools(cluster):
    """log directories, reassignments and credentials are described"""
    client, name = admin(cluster), topic(cluster, unique("tools"))
    send(producer(cluster), name, ["some"])
    found = [part["partition_size"] for broker in client.describe_log_dirs() for folder in broker["log_dirs"]
             for shown in folder["topics"] if shown["name"] == name for part in shown["partitions"]]
    equal(len(found), 1, "partitions shown")
    assert found[0] > 0, found
    equal(client.list_partition_reassignments(), {}, "reassignments")
    equal(client.describe_user_scram_credentials(), {}, "credentials")


CASES = [
    idempotent, transactions, transform, fenced, stale_generation, rebalance, headers, codecs, times, lag,
    administration, inspection, cluster_tools,
]
