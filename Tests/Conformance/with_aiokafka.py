# SPDX-License-Identifier: Apache-2.0
"""aiokafka."""

import asyncio
import time

import aiokafka
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from common import HOUR_AGO, Noted, equal, short, unique

CLIENT = "aiokafka"


def version():
    return aiokafka.__version__


def case(body):
    def run(cluster):
        asyncio.run(body(cluster))

    run.__doc__ = body.__doc__
    return run


async def eventually(look, holds, what, seconds=30):
    """Looks until it holds: a controller answers before the brokers have heard of a change."""
    deadline = time.monotonic() + seconds
    while not holds(found := await look()):
        assert time.monotonic() < deadline, f"{what}: still {short(found)}"
        await asyncio.sleep(0.05)


async def topic(cluster, name, partitions=1):
    async with Admin(cluster) as client:
        await client.create_topics([NewTopic(name, partitions, 1)])
    return name


class Admin:
    def __init__(self, cluster):
        self.client = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers)

    async def __aenter__(self):
        await self.client.start()
        return self.client

    async def __aexit__(self, *_):
        await self.client.close()


def producer(cluster, **config):
    return AIOKafkaProducer(bootstrap_servers=cluster.bootstrap_servers, **config)


def consumer(cluster, *topics, group=None, **config):
    return AIOKafkaConsumer(
        *topics, bootstrap_servers=cluster.bootstrap_servers, group_id=group, auto_offset_reset="earliest",
        enable_auto_commit=False, metadata_max_age_ms=1000, heartbeat_interval_ms=300, **config,
    )


async def send(client, name, values, partition=0, **extra):
    sent = [await client.send(name, value.encode(), partition=partition, **extra) for value in values]
    return [(await future).offset for future in sent]


async def read(cluster, name, partitions=1, isolation="read_committed"):
    places = [TopicPartition(name, index) for index in range(partitions)]
    records = []
    async with consumer(cluster, isolation_level=isolation) as client:
        client.assign(places)
        await client.seek_to_beginning(*places)
        ends = await client.end_offsets(places)
        async with asyncio.timeout(60):
            while not all([await client.position(place) >= ends[place] for place in places]):
                for batch in (await client.getmany(timeout_ms=200)).values():
                    records += batch
    return records


def values(records):
    return [record.value.decode() for record in records]


@case
async def idempotent(cluster):
    """an idempotent producer's records are there once, in order"""
    name, sent = await topic(cluster, unique("idempotent")), [str(number) for number in range(1000)]
    async with producer(cluster, enable_idempotence=True) as client:
        equal(await send(client, name, sent), list(range(1000)), "offsets")
    equal(values(await read(cluster, name)), sent, "values")


@case
async def transactions(cluster):
    """a committed transaction is read, an aborted one is not"""
    name = await topic(cluster, unique("transactions"))
    async with producer(cluster, transactional_id=unique("id")) as client:
        for outcome, value in [("abort", "a"), ("commit", "b"), ("abort", "c"), ("commit", "d")]:
            await client.begin_transaction()
            await send(client, name, [value] * 3)
            await (client.commit_transaction() if outcome == "commit" else client.abort_transaction())
    equal(values(await read(cluster, name)), ["b"] * 3 + ["d"] * 3, "committed")
    equal(len(await read(cluster, name, isolation="read_uncommitted")), 12, "records in all")


@case
async def transform(cluster):
    """consume-transform-produce with offsets in the transaction is exactly once"""
    source, target = await topic(cluster, unique("source"), 2), await topic(cluster, unique("target"))
    sent, group = [f"{partition}-{number}" for partition in range(2) for number in range(100)], unique("group")
    async with producer(cluster) as plain:
        for partition in range(2):
            await send(plain, source, [value for value in sent if value[0] == str(partition)], partition)
    reader = consumer(cluster, source, group=group, isolation_level="read_committed", max_poll_records=30)
    committed, rounds = 0, 0
    async with reader, producer(cluster, transactional_id=unique("id")) as client:
        while committed < len(sent):
            batches = await reader.getmany(timeout_ms=1000, max_records=30)
            if not batches:
                continue
            rounds += 1
            await client.begin_transaction()
            for records in batches.values():
                await send(client, target, values(records))
            places = {place: records[-1].offset + 1 for place, records in batches.items()}
            await client.send_offsets_to_transaction(places, group)
            if rounds % 3 == 1:
                await client.abort_transaction()
                for place, records in batches.items():
                    reader.seek(place, records[0].offset)
            else:
                await client.commit_transaction()
                committed += sum(len(records) for records in batches.values())

        async def offsets():
            return [await reader.committed(TopicPartition(source, index)) for index in range(2)]

        # Its version of OffsetFetch does not wait for offsets whose transaction is just being committed.
        await eventually(offsets, lambda found: found == [100, 100], "offsets")
    equal(sorted(values(await read(cluster, target))), sorted(sent), "values")


@case
async def fenced(cluster):
    """a producer with the same transactional id fences the old one"""
    name, shared = await topic(cluster, unique("fenced")), unique("id")
    old, new = producer(cluster, transactional_id=shared), producer(cluster, transactional_id=shared)
    await old.start()
    await old.begin_transaction()
    await send(old, name, ["zombie"])
    await new.start()
    try:
        await old.commit_transaction()
        raise AssertionError("the old producer's commit is accepted")
    except KafkaError as error:
        assert "Fenced" in type(error).__name__ or "Epoch" in type(error).__name__, repr(error)
    await new.begin_transaction()
    await send(new, name, ["heir"])
    await new.commit_transaction()
    await new.stop()
    equal(values(await read(cluster, name)), ["heir"], "committed")


async def settled(members, partitions):
    async with asyncio.timeout(60):
        while True:
            for member in members:
                await member.getmany(timeout_ms=50)
            held = [place.partition for member in members for place in member.assignment()]
            if sorted(held) == list(range(partitions)) and all(member.assignment() for member in members):
                return


@case
async def rebalance(cluster):
    """members share a topic, and take over from one that leaves"""
    name, group = await topic(cluster, unique("rebalance"), 4), unique("group")
    members = [consumer(cluster, name, group=group) for _ in range(2)]
    for member in members:
        await member.start()
    await settled(members, 4)
    await members.pop().stop()
    await settled(members, 4)
    await members[0].stop()


@case
async def no_generation(cluster):
    """sends no generation with transactional offsets"""
    name, group = await topic(cluster, unique("generation"), 2), unique("group")
    async with consumer(cluster, name, group=group) as member:
        await settled([member], 2)
        async with producer(cluster, transactional_id=unique("id")) as outsider:
            await outsider.begin_transaction()
            try:
                await outsider.send_offsets_to_transaction({TopicPartition(name, 0): 1}, group)
            except KafkaError:
                await outsider.abort_transaction()
                return
            await outsider.commit_transaction()
        await eventually(lambda: member.committed(TopicPartition(name, 0)), lambda found: found == 1, "offset")
    raise Noted("offsets from outside the group are accepted, as by Kafka: only the transactional id fences aiokafka")


@case
async def headers(cluster):
    """keys, headers and timestamps survive"""
    name, pairs = await topic(cluster, unique("headers")), [("a", b"1"), ("a", b"2"), ("empty", b"")]
    async with producer(cluster) as client:
        await send(client, name, ["v"], key=b"k", headers=pairs, timestamp_ms=HOUR_AGO + 123)
    record = (await read(cluster, name))[0]
    equal((record.key, list(record.headers), record.timestamp), (b"k", pairs, HOUR_AGO + 123), "record")


@case
async def codecs(cluster):
    """every compression is read back"""
    for codec in [None, "gzip", "snappy", "lz4", "zstd"]:
        name, sent = await topic(cluster, unique("codec")), [f"{number} of {codec}" for number in range(500)]
        async with producer(cluster, compression_type=codec, linger_ms=20) as client:
            await send(client, name, sent)
        equal(values(await read(cluster, name)), sent, codec)


@case
async def times(cluster):
    """offsets are found by time"""
    name = await topic(cluster, unique("times"))
    async with producer(cluster) as client:
        for number in range(10):
            await send(client, name, ["v"], timestamp_ms=HOUR_AGO + 1000 * number)
    async with consumer(cluster) as reader:
        place = TopicPartition(name, 0)
        equal((await reader.offsets_for_times({place: HOUR_AGO + 4_500}))[place].offset, 5, "offset")
        equal((await reader.offsets_for_times({place: HOUR_AGO + 3_000_000}))[place], None, "after the end")


@case
async def lag(cluster):
    """a group's lag and the text committed with an offset"""
    name, group = await topic(cluster, unique("lag")), unique("group")
    async with producer(cluster) as client:
        await send(client, name, [str(number) for number in range(10)])
    place, text = TopicPartition(name, 0), "so far \u2713"
    async with consumer(cluster, group=group) as reader:
        reader.assign([place])
        await reader.commit({place: OffsetAndMetadata(4, text)})
        async with Admin(cluster) as client:
            found = (await client.list_consumer_group_offsets(group))[place]
        equal((found.offset, found.metadata), (4, text), "offset and text")
        equal((await reader.end_offsets([place]))[place] - found.offset, 6, "lag")


@case
async def administration(cluster):
    """topics are created, described, configured, grown and deleted"""
    name = await topic(cluster, unique("administration"), 2)
    async with Admin(cluster) as client:

        async def partitions():
            return [len(found["partitions"]) for found in await client.describe_topics([name])]

        async def described():
            return repr(await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)]))

        await eventually(partitions, lambda found: found == [2], "partitions")
        await client.create_partitions({name: NewPartitions(3)})
        await eventually(partitions, lambda found: found == [3], "partitions")
        resource = ConfigResource(ConfigResourceType.TOPIC, name, configs={"retention.ms": "4321"})
        await client.alter_configs([resource])
        await eventually(described, lambda found: "4321" in found, "configuration")
        await client.delete_topics([name])
        await eventually(client.list_topics, lambda found: name not in found, "topics")


CASES = [
    idempotent, transactions, transform, fenced, rebalance, no_generation, headers, codecs, times, lag,
    administration,
]
