"""Sends what `topic_to_parquet.py` stored, in upper case and with its headers, to another topic, and ends."""
import argparse

from pyspark.sql import SparkSession

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--bootstrap-servers", default="localhost:9092")
parser.add_argument("--topic", default="from-spark")
parser.add_argument("--source", required=True, help="folder with the Parquet files")
parser.add_argument("--checkpoint", required=True, help="folder in which Spark notes how far it is")
args = parser.parse_args()

spark = SparkSession.builder.appName("parquet-to-topic").getOrCreate()
stored = spark.readStream.schema(spark.read.parquet(args.source).schema).parquet(args.source)
query = (
    stored.selectExpr(
        "key",
        "upper(line) AS value",
        "transform(headers, h -> struct(h.name AS key, CAST(h.value AS BINARY) AS value)) AS headers",
    )
    .writeStream.format("kafka")
    .option("kafka.bootstrap.servers", args.bootstrap_servers)
    .option("topic", args.topic)
    .option("checkpointLocation", args.checkpoint)
    .trigger(availableNow=True)
    .start()
)
query.awaitTermination()
spark.stop()
