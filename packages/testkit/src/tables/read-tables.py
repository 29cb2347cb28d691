"""Reads tables as their real readers do: standard input has a JSON list of {reader, path}, each answer is a line of JSON.

Rows come as texts of JSON with all digits; columns that hold JSON stand in them as they are.
"""
import datetime
import decimal
import json
import sys


def text_of(value):
    if value is None:
        return 'null'
    if value is True or value is False:
        return 'true' if value else 'false'
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, decimal.Decimal):
        return format(value, 'f')
    if isinstance(value, datetime.datetime):
        value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None).isoformat(timespec='microseconds') + 'Z'
    if isinstance(value, datetime.date):
        value = value.isoformat()
    if isinstance(value, bytes):
        value = value.decode()
    return json.dumps(value)


def struct_of(pairs):
    return '{' + ','.join(json.dumps(name) + ':' + text for name, text in pairs) + '}'


def arrow_text(kind, value):
    import pyarrow as pa

    if value is None:
        return 'null'
    if isinstance(kind, pa.JsonType):
        return value
    if pa.types.is_struct(kind):
        return struct_of((field.name, arrow_text(field.type, value[field.name])) for field in kind)
    if pa.types.is_list(kind):
        return '[' + ','.join(arrow_text(kind.value_type, each) for each in value) + ']'
    if pa.types.is_map(kind):
        return struct_of((key, arrow_text(kind.item_type, each)) for key, each in value)
    return text_of(value)


def by_pyarrow(path, where):
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    table = file.read()
    metadata = file.metadata
    codecs = {
        metadata.row_group(g).column(c).compression
        for g in range(metadata.num_row_groups)
        for c in range(metadata.num_columns)
    }
    rows = []
    for row in table.to_pylist(maps_as_pydicts=None):
        rows.append(struct_of((field.name, arrow_text(field.type, row[field.name])) for field in table.schema))
    return {
        'columns': {field.name: str(field.type) for field in table.schema},
        'rows': rows,
        'groups': [metadata.row_group(g).num_rows for g in range(metadata.num_row_groups)],
        'codecs': sorted(codecs),
    }


def duck_text(kind, value):
    if value is None:
        return 'null'
    name = str(kind)
    if name == 'JSON':
        return value
    if kind.id == 'struct':
        return struct_of((field, duck_text(inner, value[field])) for field, inner in kind.children)
    if kind.id == 'list':
        return '[' + ','.join(duck_text(kind.children[0][1], each) for each in value) + ']'
    if kind.id == 'map':
        inner = kind.children[1][1]
        return struct_of((key, duck_text(inner, each)) for key, each in value.items())
    return text_of(value)


def by_duckdb(path, where):
    import duckdb

    table = duckdb.sql("select * from read_parquet('" + path.replace("'", "''") + "') where " + where)
    names, kinds = table.columns, table.types
    rows = []
    for row in table.fetchall():
        rows.append(struct_of((name, duck_text(kind, each)) for name, kind, each in zip(names, kinds, row)))
    return {'columns': {name: str(kind) for name, kind in zip(names, kinds)}, 'rows': rows}


def avro_text(schema, value):
    if value is None:
        return 'null'
    if isinstance(schema, list):
        schema = [each for each in schema if each != 'null'][0]
    if isinstance(schema, dict):
        if schema.get('contentType') == 'application/json':
            return value
        kind = schema['type']
        if kind == 'record':
            return struct_of((field['name'], avro_text(field['type'], value[field['name']])) for field in schema['fields'])
        if kind == 'array':
            return '[' + ','.join(avro_text(schema['items'], each) for each in value) + ']'
        if kind == 'map':
            return struct_of((key, avro_text(schema['values'], each)) for key, each in value.items())
    return text_of(value)


def by_fastavro(path, where):
    import fastavro

    with open(path, 'rb') as file:
        reader = fastavro.reader(file)
        schema = json.loads(reader.metadata['avro.schema'])
        rows = [avro_text(schema, each) for each in reader]
        return {
            'columns': {field['name']: json.dumps(field['type']) for field in schema['fields']},
            'rows': rows,
            'codecs': [reader.metadata.get('avro.codec', 'null')],
        }


readers = {'pyarrow': by_pyarrow, 'duckdb': by_duckdb, 'fastavro': by_fastavro}
for asked in json.load(sys.stdin):
    try:
        answer = readers[asked['reader']](asked['path'], asked.get('where', 'true'))
    except Exception as error:
        answer = {'error': type(error).__name__ + ': ' + str(error)}
    print(json.dumps(answer))
