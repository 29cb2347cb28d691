"""Stores what a topic has as Parquet, headers included, and ends: Spark Structured Streaming, `availableNow`.

Started again with the same checkpoint it takes only what has come since, each record once.
"""
import argparse

from pyspark.sql import SparkSession

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--bootstrap-servers", default="localhost:9092")
parser.add_argument("--topic", default="test")
parser.add_argument("--out", required=True, help="folder for the Parquet files")
parser.add_argument("--checkpoint", required=True, help="folder in which Spark notes how far it is")
args = parser.parse_args()

spark = SparkSession.builder.appName("topic-to-parquet").getOrCreate()
records = (
    spark.readStream.format("kafka")
    .option("kafka.bootstrap.servers", args.bootstrap_servers)
    .option("subscribe", args.topic)
    .option("startingOffsets", "earliest")
    .option("includeHeaders", "true")
    .load()
)
lines = records.selectExpr(
    "CAST(key AS STRING) AS key",
    "CAST(value AS STRING) AS line",
    "transform(headers, h -> struct(h.key AS name, CAST(h.value AS STRING) AS value)) AS headers",
    "topic",
    "partition",
    "offset",
    "timestamp",
)
query = (
    lines.writeStream.format("parquet")
    .option("path", args.out)
    .option("checkpointLocation", args.checkpoint)
    .trigger(availableNow=True)
    .start()
)
query.awaitTermination()
print(f"{spark.read.parquet(args.out).count()} records in {args.out}")
spark.stop()
