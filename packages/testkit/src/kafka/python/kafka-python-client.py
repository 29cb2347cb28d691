"""kafka-python (pure Python): `COMMAND BOOTSTRAP ARGS`, JSON in and out; the commands are in ../foreign-clients.ts."""
import json
import signal
import sys
from base64 import b64decode, b64encode

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata


def packed(data):
    return None if data is None else b64encode(data).decode()


def unpacked(text):
    return None if text is None else b64decode(text)


def read_all(bootstrap, topic, isolation="read_uncommitted"):
    """Every record up to the end of each partition, by partition and offset."""
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap, auto_offset_reset="earliest", isolation_level=isolation, group_id=None
    )
    partitions = [TopicPartition(topic, partition) for partition in consumer.partitions_for_topic(topic)]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    ends = consumer.end_offsets(partitions)
    records = []
    while any(consumer.position(partition) < ends[partition] for partition in partitions):
        for batch in consumer.poll(timeout_ms=500).values():
            records.extend(batch)
    consumer.close()
    return sorted(records, key=lambda record: (record.partition, record.offset))


def records(bootstrap, topic, codec):
    codec = None if codec == "none" else codec
    client = KafkaProducer(bootstrap_servers=bootstrap, compression_type=codec, linger_ms=200, acks="all")
    sent = [
        client.send(
            topic,
            partition=record["partition"],
            key=unpacked(record["key"]),
            value=unpacked(record["value"]),
            headers=[(name, unpacked(value)) for name, value in record["headers"]],
            timestamp_ms=record["timestamp"],
        )
        for record in json.load(sys.stdin)
    ]
    for future in sent:
        future.get(60)
    client.close()
    return [
        {
            "partition": record.partition,
            "offset": record.offset,
            "key": packed(record.key),
            "value": packed(record.value),
            "headers": [[name, packed(value)] for name, value in record.headers],
            "timestamp": record.timestamp,
        }
        for record in read_all(bootstrap, topic)
    ]


def member(bootstrap, topic, group, _protocol):
    # Before it joins anew it commits what `poll` has given, by itself.
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest", heartbeat_interval_ms=500
    )
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))

    consumer.subscribe([topic])
    assigned = None
    while not stopped:
        batches = consumer.poll(timeout_ms=100)
        now = sorted(each.partition for each in consumer.assignment())
        if now != assigned:
            assigned = now
            print(json.dumps({"assigned": assigned}), flush=True)
        for batch in batches.values():
            for record in batch:
                print(json.dumps({"record": record.value.decode()}), flush=True)
    consumer.close()


def transactions(bootstrap, topic, group):
    client = KafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"{topic}-{group}")
    client.init_transactions()
    for i, outcome in enumerate(["committed", "aborted", "committed"]):
        client.begin_transaction()
        for partition in [0, 1]:
            client.send(topic, f"{outcome} {i}".encode(), partition=partition)
        client.send_offsets_to_transaction({TopicPartition(topic, 0): OffsetAndMetadata(10 + i, "", -1)}, group)
        client.flush(60)
        if outcome == "committed":
            client.commit_transaction()
        else:
            client.abort_transaction()
    client.close()
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    offset = consumer.committed(TopicPartition(topic, 0))
    consumer.close()
    values = {
        level: [[record.partition, record.value.decode()] for record in read_all(bootstrap, topic, level)]
        for level in ["read_committed", "read_uncommitted"]
    }
    return {**values, "offset": offset}


def admin(bootstrap, topic):
    client = KafkaAdminClient(bootstrap_servers=bootstrap)

    def outcome(ask):
        try:
            ask()
        except KafkaError as error:
            return error.errno and type(error).__name__
        return None

    def listed():
        if topic not in client.list_topics():
            return None
        return len(client.describe_topics([topic])[0]["partitions"])

    new = {topic: {"num_partitions": 3, "replication_factor": 1, "configs": {"retention.ms": "3600000"}}}
    created = [outcome(lambda: client.create_topics(new)) for _ in range(2)]
    partitions = listed()
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)
    configs = client.describe_configs([resource], config_filter="all")["topic"][topic]
    deleted = [outcome(lambda: client.delete_topics([topic])) for _ in range(2)]
    return {
        "created": created,
        "partitions": partitions,
        "configs": {name: configs[name]["value"] for name in ["retention.ms", "cleanup.policy"]},
        "deleted": deleted,
        "left": listed(),
    }


if __name__ == "__main__":
    commands = {"records": records, "member": member, "transactions": transactions, "admin": admin}
    answer = commands[sys.argv[1]](*sys.argv[2:])
    if answer is not None:
        print(json.dumps(answer))
