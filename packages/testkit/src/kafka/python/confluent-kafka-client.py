"""confluent-kafka (librdkafka): `COMMAND BOOTSTRAP ARGS`, JSON in and out; the commands are in ../foreign-clients.ts."""
import json
import signal
import sys
from base64 import b64decode, b64encode

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic


def packed(data):
    return None if data is None else b64encode(data).decode()


def unpacked(text):
    return None if text is None else b64decode(text)


def producer(bootstrap, **settings):
    return Producer({"bootstrap.servers": bootstrap, **{k.replace("_", "."): v for k, v in settings.items()}})


def raise_on(error, _message):
    if error is not None:
        raise KafkaException(error)


def flushed(client):
    if client.flush(60) != 0:
        raise RuntimeError("records were not acknowledged")


def read_all(bootstrap, topic, isolation="read_uncommitted"):
    """Every record up to the end of each partition, by partition and offset."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "unused",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": isolation,
        }
    )
    partitions = consumer.list_topics(topic, 30).topics[topic].partitions
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
    records, ended = [], set()
    while len(ended) < len(partitions):
        message = consumer.poll(60)
        if message is None:
            raise RuntimeError("neither a record nor the end of a partition for 60 s")
        if message.error() is None:
            records.append(message)
        elif message.error().name() == "_PARTITION_EOF":
            ended.add(message.partition())
        else:
            raise KafkaException(message.error())
    consumer.close()
    return sorted(records, key=lambda record: (record.partition(), record.offset()))


def records(bootstrap, topic, codec):
    client = producer(bootstrap, compression_type=codec, linger_ms=200, acks="all")
    for record in json.load(sys.stdin):
        client.produce(
            topic,
            partition=record["partition"],
            key=unpacked(record["key"]),
            value=unpacked(record["value"]),
            headers=[(name, unpacked(value)) for name, value in record["headers"]],
            timestamp=record["timestamp"],
            on_delivery=raise_on,
        )
    flushed(client)
    return [
        {
            "partition": record.partition(),
            "offset": record.offset(),
            "key": packed(record.key()),
            "value": packed(record.value()),
            "headers": [[name, packed(value)] for name, value in record.headers() or []],
            "timestamp": record.timestamp()[1],
        }
        for record in read_all(bootstrap, topic)
    ]


def member(bootstrap, topic, group, protocol):
    settings = {
        "bootstrap.servers": bootstrap,
        "group.id": group,
        "group.protocol": protocol,
        "auto.offset.reset": "earliest",
    }
    if protocol == "classic":  # otherwise the broker says how often
        settings["heartbeat.interval.ms"] = 500
    consumer = Consumer(settings)
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))

    def commit(client, _partitions):
        try:
            client.commit(asynchronous=False)
        except KafkaException as error:
            if error.args[0].name() != "_NO_OFFSET":
                raise

    consumer.subscribe([topic], on_revoke=commit)
    assigned = None
    while not stopped:
        message = consumer.poll(0.1)
        now = sorted(each.partition for each in consumer.assignment())
        if now != assigned:
            assigned = now
            print(json.dumps({"assigned": assigned}), flush=True)
        if message is not None:
            if message.error() is not None:
                raise KafkaException(message.error())
            print(json.dumps({"record": message.value().decode()}), flush=True)
    consumer.close()


def transactions(bootstrap, topic, group):
    client = producer(bootstrap, transactional_id=f"{topic}-{group}")
    client.init_transactions(60)
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group, "enable.auto.commit": False})
    for i, outcome in enumerate(["committed", "aborted", "committed"]):
        client.begin_transaction()
        for partition in [0, 1]:
            client.produce(topic, f"{outcome} {i}", partition=partition, on_delivery=raise_on)
        client.send_offsets_to_transaction(
            [TopicPartition(topic, 0, 10 + i)], consumer.consumer_group_metadata(), 60
        )
        flushed(client)
        if outcome == "committed":
            client.commit_transaction(60)
        else:
            client.abort_transaction(60)
    offset = consumer.committed([TopicPartition(topic, 0)], 60)[0].offset
    consumer.close()
    values = {
        level: [[record.partition(), record.value().decode()] for record in read_all(bootstrap, topic, level)]
        for level in ["read_committed", "read_uncommitted"]
    }
    return {**values, "offset": offset}


def admin(bootstrap, topic):
    client = AdminClient({"bootstrap.servers": bootstrap})

    def outcome(futures):
        try:
            return next(iter(futures.values())).result(60)
        except KafkaException as error:
            return error.args[0].name()

    def listed():
        found = client.list_topics(timeout=60).topics.get(topic)
        return None if found is None else len(found.partitions)

    new = NewTopic(topic, num_partitions=3, replication_factor=1, config={"retention.ms": "3600000"})
    created = [outcome(client.create_topics([new])) for _ in range(2)]
    partitions = listed()
    configs = outcome(client.describe_configs([ConfigResource(ConfigResource.Type.TOPIC, topic)]))
    deleted = [outcome(client.delete_topics([topic])) for _ in range(2)]
    return {
        "created": created,
        "partitions": partitions,
        "configs": {name: configs[name].value for name in ["retention.ms", "cleanup.policy"]},
        "deleted": deleted,
        "left": listed(),
    }


if __name__ == "__main__":
    commands = {"records": records, "member": member, "transactions": transactions, "admin": admin}
    answer = commands[sys.argv[1]](*sys.argv[2:])
    if answer is not None:
        print(json.dumps(answer))
