# SPDX-License-Identifier: Apache-2.0
"""confluent-kafka: groups and administration."""

import confluent_kafka
from confluent_kafka import (
    ConsumerGroupState, ConsumerGroupTopicPartitions, KafkaError, KafkaException, TopicPartition,
)
from confluent_kafka.admin import (
    AclBinding, AclOperation, AclPermissionType, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions,
    OffsetSpec, ResourcePatternType, ResourceType,
)

from common import equal, unique, until
from confluent_tools import Member, admin, consumer, done, produce, producer, settled, topic

CLIENT = "confluent-kafka"


def version():
    return confluent_kafka.version()


def eager(cluster):
    """members share a topic eagerly, and take over from one that leaves"""
    name, group = topic(cluster, unique("eager"), 6), unique("group")
    members = [Member(cluster, group, name, partition_assignment_strategy="range") for _ in range(3)]
    settled(members, 6)
    members.pop().client.close()
    settled(members, 6)
    for member in members:
        member.client.close()


def cooperative(cluster):
    """members that cooperate give up only what moves"""
    name, group = topic(cluster, unique("cooperative"), 6), unique("group")
    config = {"partition_assignment_strategy": "cooperative-sticky"}
    members = [Member(cluster, group, name, **config)]
    settled(members, 6)
    for _ in range(2):
        members.append(Member(cluster, group, name, **config))
        settled(members, 6)
    equal(members[0].revoked, 4, "partitions that the first member gave up")
    members.pop().client.close()
    settled(members, 6)
    equal(members[0].revoked, 4, "partitions that the first member gave up")
    for member in members:
        member.client.close()


def static_restart(cluster):
    """a static member that restarts has its partitions back, no rebalance"""
    name, group = topic(cluster, unique("static"), 4), unique("group")
    one = Member(cluster, group, name, group_instance_id="one")
    two = Member(cluster, group, name, group_instance_id="two")
    settled([one, two], 4)
    held, assignments = set(two.assigned), one.assignments
    two.client.close()
    again = Member(cluster, group, name, group_instance_id="two")

    def returned():
        one.poll()
        again.poll()
        return again.assigned

    equal(until(returned, "the member is back"), held, "its partitions")
    equal(one.assignments, assignments, "assignments of the other member")
    for member in (one, again):
        member.client.close()


def static_fenced(cluster):
    """a second member with the same instance id fences the first"""
    name, group = topic(cluster, unique("duplicate")), unique("group")
    config = {"group_instance_id": "same", "heartbeat_interval_ms": 200}
    first = Member(cluster, group, name, **config)
    settled([first], 1)
    second = Member(cluster, group, name, **config)

    def fenced():
        second.poll()
        message = first.client.poll(0.05)
        code = message.error() and message.error().code() if message is not None else None
        return code in (KafkaError._FATAL, KafkaError.FENCED_INSTANCE_ID)

    until(fenced, "the first member is told")
    second.client.close()


def commit_metadata(cluster):
    """the text committed with an offset comes back as it was"""
    name, group = topic(cluster, unique("metadata")), unique("group")
    client, text = consumer(cluster, group), "finished: 3, 5-9 \u2713"
    client.commit(offsets=[TopicPartition(name, 0, 5, text)], asynchronous=False)
    place = client.committed([TopicPartition(name, 0)], timeout=10)[0]
    equal((place.offset, place.metadata), (5, text), "offset and text")
    try:
        client.commit(offsets=[TopicPartition(name, 0, 6, "x" * 20_000)], asynchronous=False)
        raise AssertionError("text of any length is accepted")
    except KafkaException as exception:
        equal(exception.args[0].code(), KafkaError.OFFSET_METADATA_TOO_LARGE, "error")


def topics(cluster):
    """topics are created, grown, emptied and deleted"""
    client, name = admin(cluster), unique("topics")
    topic(cluster, name, 2)
    equal(len(client.list_topics(name, timeout=10).topics[name].partitions), 2, "partitions")
    equal(list(done(client.describe_topics(confluent_kafka.TopicCollection([name]))).values())[0].name, name, "name")
    try:
        topic(cluster, name)
        raise AssertionError("the topic is created twice")
    except KafkaException as exception:
        equal(exception.args[0].code(), KafkaError.TOPIC_ALREADY_EXISTS, "error")
    done(client.create_partitions([NewPartitions(name, 5)]))
    until(lambda: len(client.list_topics(name, timeout=10).topics[name].partitions) == 5, "5 partitions")
    produce(producer(cluster), name, ["a", "b", "c"])
    deleted = done(client.delete_records([TopicPartition(name, 0, 2)]))
    equal([result.low_watermark for result in deleted.values()], [2], "low watermark")
    found = done(client.list_offsets({TopicPartition(name, 0): OffsetSpec.earliest()}))
    equal([result.offset for result in found.values()], [2], "first offset")
    done(client.delete_topics([name]))
    until(lambda: name not in client.list_topics(timeout=10).topics, "the topic is gone")


def configs(cluster):
    """a topic's configuration is described and changed"""
    client, name = admin(cluster), topic(cluster, unique("configs"), retention_ms="123456")
    resource = ConfigResource(ConfigResource.Type.TOPIC, name)

    def now():
        return {key: entry.value for key, entry in list(done(client.describe_configs([resource])).values())[0].items()}

    equal((now()["retention.ms"], now()["cleanup.policy"]), ("123456", "delete"), "configuration")
    changes = [
        ConfigEntry("cleanup.policy", "compact", incremental_operation=AlterConfigOpType.APPEND),
        ConfigEntry("retention.ms", None, incremental_operation=AlterConfigOpType.DELETE),
        ConfigEntry("max.message.bytes", "5000", incremental_operation=AlterConfigOpType.SET),
    ]
    changed = ConfigResource(ConfigResource.Type.TOPIC, name, incremental_configs=changes)
    done(client.incremental_alter_configs([changed]))
    until(lambda: now()["max.message.bytes"] == "5000", "the change is seen")
    equal((now()["cleanup.policy"], now()["retention.ms"]), ("delete,compact", "604800000"), "configuration")
    wrong = [ConfigEntry("retention.ms", "soon", incremental_operation=AlterConfigOpType.SET)]
    refused = ConfigResource(ConfigResource.Type.TOPIC, name, incremental_configs=wrong)
    try:
        done(client.incremental_alter_configs([refused]))
        raise AssertionError("a wrong value is accepted")
    except KafkaException as exception:
        equal(exception.args[0].code(), KafkaError.INVALID_CONFIG, "error")


def groups(cluster):
    """groups and their offsets are listed, described, changed and deleted"""
    client, name, group = admin(cluster), topic(cluster, unique("groups"), 2), unique("group")
    member = Member(cluster, group, name)
    settled([member], 2)
    member.client.commit(offsets=[TopicPartition(name, 0, 4)], asynchronous=False)

    def listed(state):
        found = client.list_consumer_groups(states={state}).result(timeout=30).valid
        return group in [entry.group_id for entry in found]

    assert listed(ConsumerGroupState.STABLE) and not listed(ConsumerGroupState.EMPTY)
    described = done(client.describe_consumer_groups([group]))[group]
    equal((described.state, len(described.members)), (ConsumerGroupState.STABLE, 1), "group")
    equal(len(described.members[0].assignment.topic_partitions), 2, "partitions of the member")
    member.client.close()
    until(lambda: listed(ConsumerGroupState.EMPTY), "the group is empty")
    changed = ConsumerGroupTopicPartitions(group, [TopicPartition(name, 1, 9)])
    done(client.alter_consumer_group_offsets([changed]))
    asked = ConsumerGroupTopicPartitions(group)
    found = done(client.list_consumer_group_offsets([asked]))[group].topic_partitions
    equal(sorted((place.partition, place.offset) for place in found), [(0, 4), (1, 9)], "offsets")
    done(client.delete_consumer_groups([group]))
    assert not listed(ConsumerGroupState.EMPTY)


def lag(cluster):
    """a group's lag is what is not read yet"""
    client, name, group = admin(cluster), topic(cluster, unique("lag"), 2), unique("group")
    produce(producer(cluster), name, [str(number) for number in range(10)], 0)
    produce(producer(cluster), name, [str(number) for number in range(5)], 1)
    consumer(cluster, group).commit(
        offsets=[TopicPartition(name, 0, 4), TopicPartition(name, 1, 5)], asynchronous=False
    )
    asked = ConsumerGroupTopicPartitions(group)
    places = done(client.list_consumer_group_offsets([asked]))[group].topic_partitions
    ends = done(client.list_offsets({TopicPartition(name, place.partition): OffsetSpec.latest() for place in places}))
    ends = {place.partition: result.offset for place, result in ends.items()}
    equal({place.partition: ends[place.partition] - place.offset for place in places}, {0: 6, 1: 0}, "lag")


def access_rules(cluster):
    """access rules are answered with SECURITY_DISABLED"""
    rule = AclBinding(
        ResourceType.TOPIC, unique("rules"), ResourcePatternType.LITERAL, "User:nobody", "*", AclOperation.READ,
        AclPermissionType.ALLOW,
    )
    try:
        done(admin(cluster).create_acls([rule]))
        assert not cluster.is_embedded, "the embedded broker has no access rules"
    except KafkaException as exception:
        equal(exception.args[0].code(), KafkaError.SECURITY_DISABLED, "error")


def new_protocol(cluster):
    """a consumer of the new group protocol ends, saying why"""
    name = topic(cluster, unique("protocol"))
    produce(producer(cluster), name, ["some"])
    member = consumer(cluster, unique("group"), group_protocol="consumer")
    member.subscribe([name])
    seen = []
    until(lambda: seen.append(member.poll(0.5)) or seen[-1] is not None, "a record or an error")
    error = seen[-1].error()
    if cluster.is_embedded:
        assert error is not None and "not supported" in error.str(), error
    member.close()


CASES = [
    eager, cooperative, static_restart, static_fenced, commit_metadata, topics, configs, groups, lag, access_rules,
    new_protocol,
]
