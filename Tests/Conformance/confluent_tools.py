# SPDX-License-Identifier: Apache-2.0
"""Short ways to use confluent-kafka."""

import functools

from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from common import until


def done(futures):
    return {key: future.result(timeout=30) for key, future in futures.items()}


@functools.cache
def admin(cluster):
    return AdminClient({"bootstrap.servers": cluster.bootstrap_servers})


def topic(cluster, name, partitions=1, **config):
    config = {key.replace("_", "."): value for key, value in config.items()}
    done(admin(cluster).create_topics([NewTopic(name, partitions, -1, config=config)]))
    client = admin(cluster)
    until(lambda: len(client.list_topics(name, timeout=10).topics[name].partitions) == partitions, "topic is known")
    return name


def producer(cluster, **config):
    config = {key.replace("_", "."): value for key, value in config.items()}
    return Producer({"bootstrap.servers": cluster.bootstrap_servers, "linger.ms": 5, **config})


def consumer(cluster, group, **config):
    config = {key.replace("_", "."): value for key, value in config.items()}
    return Consumer(
        {
            "bootstrap.servers": cluster.bootstrap_servers, "group.id": group, "auto.offset.reset": "earliest",
            "enable.auto.commit": False, "enable.partition.eof": True, "topic.metadata.refresh.interval.ms": 1000,
            **config,
        }
    )


def produce(client, name, values, partition=0, **extra):
    failures = []

    def report(error, _):
        if error is not None:
            failures.append(error)

    for value in values:
        client.produce(name, value=value, partition=partition, on_delivery=report, **extra)
        client.poll(0)
    assert client.flush(30) == 0, "records are not delivered"
    assert not failures, failures[0]


def read(cluster, name, partitions=1, start=0, isolation="read_committed"):
    """All records from the start to the end as of now."""
    client = consumer(cluster, "reader", isolation_level=isolation)
    client.assign([TopicPartition(name, index, start) for index in range(partitions)])
    records, ended = [], set()
    while len(ended) < partitions:
        message = client.poll(30)
        assert message is not None, f"nothing read within 30 s; {len(records)} records so far"
        if message.error() is None:
            records.append(message)
        elif message.error().code() == KafkaError._PARTITION_EOF:
            ended.add(message.partition())
        else:
            raise AssertionError(str(message.error()))
    client.close()
    return records


def values(records):
    return [record.value().decode() for record in records]


class Member:
    """A consumer that keeps account of what it is assigned."""

    def __init__(self, cluster, group, name, **config):
        self.client = consumer(cluster, group, **config)
        self.assigned, self.assignments, self.revoked, self.lost = set(), 0, 0, 0
        self.cooperative = config.get("partition_assignment_strategy") == "cooperative-sticky"
        self.client.subscribe([name], on_assign=self._assign, on_revoke=self._revoke)

    def _assign(self, client, partitions):
        self.assignments += 1
        self.assigned |= {partition.partition for partition in partitions}
        if self.cooperative:
            client.incremental_assign(partitions)
        else:
            client.assign(partitions)

    def _revoke(self, client, partitions):
        self.revoked += len(partitions)
        self.assigned -= {partition.partition for partition in partitions}
        if self.cooperative:
            client.incremental_unassign(partitions)
        else:
            client.unassign()

    def poll(self):
        self.client.poll(0.05)


def settled(members, partitions):
    """Polls until the members share all partitions, each having some."""

    def check():
        for member in members:
            member.poll()
        held = [index for member in members for index in member.assigned]
        return sorted(held) == list(range(partitions)) and all(member.assigned for member in members)

    until(check, f"{len(members)} members share {partitions} partitions")
