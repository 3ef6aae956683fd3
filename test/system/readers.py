"""A page of metrics, read by programs that are not ours: each format as the samples that Prometheus would store.

Text and OpenMetrics are read by python3-prometheus-client, protobuf by what protoc makes of the schema that client_model
publishes."""
import importlib
import math
import pathlib
import subprocess
import sys

from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics_parser

SCHEMA = pathlib.Path('/usr/share/gocode/src/github.com/prometheus/client_model/io/prometheus/client/metrics.proto')
ACCEPTS = {
    'text': 'text/plain;version=0.0.4',
    'OpenMetrics': 'application/openmetrics-text;version=1.0.0',
    'protobuf': 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
}
CONTENT_TYPES = {
    'text': 'text/plain; version=0.0.4; charset=utf-8',
    'OpenMetrics': 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    'protobuf': 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
}


def key(name, labels):
    """A sample's series; bounds and quantiles as numbers, for each format writes them in its own way."""
    return name, frozenset((label, float(value) if label in ('le', 'quantile') else value)
                           for label, value in labels.items())


def samples_of(families):
    """Of prometheus_client's families."""
    samples = {}
    for family in families:
        for sample in family.samples:
            one = key(sample.name, sample.labels)
            if one in samples:
                raise ValueError(f'twice: {one}')
            samples[one] = sample.value
    return samples


def read_text(body):
    return samples_of(parser.text_string_to_metric_families(body.decode()))


def openmetrics_families(body):
    return list(openmetrics_parser.text_string_to_metric_families(body.decode()))


def read_openmetrics(body):
    return samples_of(openmetrics_families(body))


def schema(folder):
    """The module that protoc makes of the schema."""
    if 'metrics_pb2' not in sys.modules:
        subprocess.run(['protoc', f'--proto_path={SCHEMA.parent}', f'--python_out={folder}', SCHEMA.name], check=True)
        sys.path.insert(0, str(folder))
    return importlib.import_module('metrics_pb2')


def varint(body, at):
    number, shift = 0, 0
    while True:
        byte = body[at]
        number, shift, at = number | (byte & 0x7f) << shift, shift + 7, at + 1
        if byte < 0x80:
            return number, at


def protobuf_families(body, folder):
    families, at = [], 0
    while at < len(body):
        length, at = varint(body, at)
        if at + length > len(body):
            raise ValueError('a message that is cut off')
        families.append(schema(folder).MetricFamily.FromString(body[at:at + length]))
        at += length
    return families


def read_protobuf(body, folder):
    kinds, samples = schema(folder), {}

    def put(name, labels, value):
        one = key(name, labels)
        if one in samples:
            raise ValueError(f'twice: {one}')
        samples[one] = value
    for family in protobuf_families(body, folder):
        for metric in family.metric:
            labels = {pair.name: pair.value for pair in metric.label}
            if family.type == kinds.COUNTER:
                put(family.name, labels, metric.counter.value)
            elif family.type == kinds.GAUGE:
                put(family.name, labels, metric.gauge.value)
            else:
                is_histogram = family.type == kinds.HISTOGRAM
                whole = metric.histogram if is_histogram else metric.summary
                for bucket in metric.histogram.bucket:
                    put(f'{family.name}_bucket', {**labels, 'le': bucket.upper_bound}, bucket.cumulative_count)
                for quantile in metric.summary.quantile:
                    put(family.name, {**labels, 'quantile': quantile.quantile}, quantile.value)
                put(f'{family.name}_sum', labels, whole.sample_sum)
                put(f'{family.name}_count', labels, whole.sample_count)
    return samples


def native_buckets(histogram):
    """The native buckets of a message of client_model's: for the index of each that is not empty its count."""
    counts, index, count, deltas = {}, 0, 0, iter(histogram.positive_delta)
    for span in histogram.positive_span:
        index += span.offset
        for _ in range(span.length):
            count += next(deltas)
            if count:
                counts[index] = count
            index += 1
    if list(deltas):
        raise ValueError('more counts than the spans have room for')
    return counts


def native_index(value, schema_number):
    """Of the bucket that a value belongs to."""
    return math.ceil(math.log2(value) * 2 ** schema_number)
