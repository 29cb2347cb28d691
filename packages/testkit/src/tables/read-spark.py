"""Reads tables as Spark does: standard input has a JSON list of {format, path}; each answer is a line of JSON with the
schema as Spark writes it and the rows as texts of JSON, in which what is null is left out."""
import json
import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.config('spark.sql.session.timeZone', 'UTC').getOrCreate()
spark.sparkContext.setLogLevel('ERROR')
for asked in json.load(sys.stdin):
    table = spark.read.format(asked['format']).load(asked['path'])
    print(json.dumps({'schema': table.schema.simpleString(), 'rows': table.toJSON().collect()}), flush=True)
spark.stop()
