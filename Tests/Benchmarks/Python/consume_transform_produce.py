# SPDX-License-Identifier: Apache-2.0
"""The shortest correct exactly-once loop with confluent-kafka; prints one line of JSON at its end."""
import argparse
import itertools
import json
import time

from confluent_kafka import Consumer, Producer, TopicPartition

WARM_UP = 4

def arguments():
    options = argparse.ArgumentParser()
    for name in ("servers", "input", "output", "name"):
        options.add_argument("--" + name, required=True)
    options.add_argument("--per-transaction", type=int, required=True)
    options.add_argument("--linger-milliseconds", type=int, default=0)
    options.add_argument("--producers", type=int, default=1)
    options.add_argument("--seconds", type=float, default=2)
    return options.parse_known_args()[0]


def main(job):
    common = {"bootstrap.servers": job.servers, "broker.address.family": "v4", "socket.nagle.disable": True}
    producers = []
    for number in range(job.producers):
        producer = Producer(
            common
            | {
                "transactional.id": f"{job.name}-{number}",
                "linger.ms": job.linger_milliseconds,
                "partitioner": "murmur2_random",
            }
        )
        producer.init_transactions(30)
        producers.append(producer)
    consumer = Consumer(
        common
        | {
            "group.id": job.name,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
        }
    )
    consumer.subscribe([job.input])

    output = job.output
    commits = records = 0
    begun = ended = 0.0
    for producer in itertools.cycle(producers):
        # Before the first records the group has to be joined, which a broker may put off for seconds.
        messages = consumer.consume(job.per_transaction, 2 if commits else 30)
        if len(messages) < job.per_transaction:
            break
        producer.begin_transaction()
        produce = producer.produce
        offsets = {}
        for message in messages:
            if message.error():
                raise SystemExit(message.error().str())
            while True:
                try:
                    produce(output, message.value(), message.key())
                    break
                except BufferError:
                    producer.poll(0.01)
            offsets[message.partition()] = message.offset() + 1
        producer.send_offsets_to_transaction(
            [TopicPartition(job.input, partition, offset) for partition, offset in offsets.items()],
            consumer.consumer_group_metadata(),
            10,
        )
        producer.commit_transaction(10)
        commits += 1
        ended = time.monotonic()
        if commits <= WARM_UP:
            begun = ended
            continue
        records += len(messages)
        if ended - begun >= job.seconds:
            break

    consumer.close()
    print(json.dumps({"records": records, "seconds": ended - begun, "transactions": max(0, commits - WARM_UP)}))


if __name__ == "__main__":
    main(arguments())
