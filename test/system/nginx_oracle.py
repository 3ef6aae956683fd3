"""Counts an access log of nginx once more, by other means than tailmeter: what its exposition must say."""
import re
from collections import Counter
from decimal import Decimal

from exposition import series

# nginx writes no quote, no backslash and no byte outside of ASCII as it is, so a quote always ends a field.
CLIENT = (rb'(?P<addr>\S+) - (?P<user>[^"]*) \[[^]"]*\] "(?P<request>[^"]*)" (?P<status>\d+) (?P<bytes>\d+) '
          rb'"[^"]*" "(?P<agent>[^"]*)" ')
MIRROR = re.compile(CLIENT + rb'rt=(?P<rt>[\d.]+) urt="(?P<urt>[^"]*)" cs=(?P<cache>\S+)')
TIMES = rb'(?:-|[\d.]+)(?:(?:, | : )(?:-|[\d.]+))*'
TIMING = re.compile(CLIENT + rb'rt=(?P<rt>[\d.]+) uct=(?P<uct>' + TIMES + rb') uht=(?P<uht>' + TIMES +
                    rb') urt=(?P<urt>' + TIMES + rb') cs=(?P<cache>\S+) ua=(?P<ua>.*) us=(?P<us>' + TIMES + rb')')
REQUEST = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (.+) (HTTP/\d+(?:\.\d+)?)", re.S)
PULL = re.compile(rb'/v2/.+/(manifests|blobs)/[^/]+', re.S)
PUSH = re.compile(rb'/v2/.+/(?:blobs/uploads|manifests)(?:/[^/]*)?', re.S)

MAX_LINE_BYTES = 64 * 1024
METHODS = 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE'
LATENCY = '0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10'.split()
BYTES = [str(4 ** power) for power in range(4, 17)]


def unescaped(field):
    return re.sub(rb'\\x([0-9A-F]{2})', lambda escape: bytes([int(escape[1], 16)]), field)


def lines_of(log, pattern):
    """The lines of a log as mappings of fields, and how many are longer than the limit."""
    whole = log.split(b'\n')[:-1]
    lines = [pattern.fullmatch(line) for line in whole if len(line) <= MAX_LINE_BYTES]
    if None in lines:
        raise ValueError(f'not the format of the log: {[line for line in whole if not pattern.fullmatch(line)][:2]}')
    return [match.groupdict() for match in lines], len(whole) - len(lines)


def counter(name, counts):
    """`counts` holds label sets, as frozensets of their items."""
    return {series(name, **dict(labels)): Decimal(count) for labels, count in Counter(counts).items()}


def histogram(name, values, bounds):
    values = [Decimal(value) for value in values]
    buckets = {bound: Decimal(sum(value <= Decimal(bound) for value in values)) for bound in bounds}
    buckets['+Inf'] = Decimal(len(values))
    return {**{series(name + '_bucket', le=bound): count for bound, count in buckets.items()},
            name + '_count': Decimal(len(values)), name + '_sum': sum(values, Decimal(0))}


def labels(**pairs):
    return frozenset(pairs.items())


def elements(field):
    """The numbers of a list such as "0.200, -" or "0.001 : 0.002"."""
    return [element for element in re.split(', | : ', field.decode()) if element != '-']


class Request:
    """What the preset "mirror" looks at."""

    def __init__(self, line):
        self.status, self.bytes = line['status'].decode(), line['bytes'].decode()
        self.seconds, self.cache = line['rt'].decode(), line['cache'].decode()
        match = REQUEST.fullmatch(unescaped(line['request']))
        method, target, _ = match.groups() if match else (b'', b'', b'')
        self.method = method.decode()
        self.method_label = self.method if self.method in METHODS or not method else '__other__'
        path = target.split(b'?')[0]
        pull = PULL.fullmatch(path)
        self.pulled = pull and pull[1].decode()
        self.is_push = PUSH.fullmatch(path) is not None


def mirror_figures(lines):
    """What the preset "mirror" makes of parsed lines."""
    requests = [Request(line) for line in lines]
    errors = [one.status for one in requests if one.status[0] in '45']
    pulls = [one for one in requests if one.pulled and one.method == 'GET' and
             (one.status[0] == '2' or one.status in ('304', '307'))]
    pushes = [one for one in requests if one.is_push and one.method in ('PUT', 'POST', 'PATCH') and
              one.status[0] == '2']
    caches = Counter(one.cache for one in requests)
    return {
        **counter('http_requests_total', (labels(method=one.method_label, status=one.status) for one in requests)),
        'http_5xx_errors_total': Decimal(sum(status[0] == '5' for status in errors)),
        **counter('http_errors_total', (labels(**{'class': status[0] + 'xx'}) for status in errors)),
        'http_response_bytes_total': Decimal(sum(int(one.bytes) for one in requests)),
        **histogram('http_request_duration_seconds', (one.seconds for one in requests), LATENCY),
        'cache_hits_total': Decimal(sum(caches[status] for status in ('HIT', 'STALE', 'UPDATING', 'REVALIDATED'))),
        'cache_misses_total': Decimal(sum(caches[status] for status in ('MISS', 'EXPIRED', 'BYPASS', 'SCARCE'))),
        **counter('image_pull_requests_total', (labels(object=one.pulled) for one in pulls)),
        **histogram('image_pull_duration_seconds', (one.seconds for one in pulls), LATENCY),
        **histogram('image_pull_size_bytes', (one.bytes for one in pulls if one.status[0] == '2'), BYTES),
        **histogram('registry_push_duration_seconds', (one.seconds for one in pushes), LATENCY),
    }


def shown(field):
    """A field as a label shows it: a byte that is no part of a printable character as \\xHH; "-" is none."""
    if field == b'-':
        return ''
    text = unescaped(field).decode(errors='surrogateescape')
    return re.sub('[\x00-\x1f\x7f\udc80-\udcff]', lambda byte: f'\\x{ord(byte[0]) & 0xff:02X}', text)


def timing_figures(lines):
    """What the rules of nginx_test.py make of parsed lines with the times of upstreams."""
    times = [elements(line['urt']) for line in lines]
    raw = [re.split(', | : ', line['urt'].decode()) for line in lines]
    return {
        **counter('upstream_requests_total', (
            labels(cache=shown(line['cache']), upstream_status=shown(line['us']), upstream=shown(line['ua']))
            for line in lines)),
        **counter('users_total', (labels(user=shown(line['user'])) for line in lines)),
        **counter('agents_total', (labels(agent=shown(line['agent'])) for line in lines
                                   if line['agent'] not in (b'-', b'') and len(unescaped(line['agent'])) <= 60)),
        **histogram('upstream_each_seconds', sum(times, []), LATENCY),
        **histogram('upstream_first_seconds', (one[0] for one in raw if one[0] != '-'), LATENCY),
        **histogram('upstream_last_seconds', (one[-1] for one in raw if one[-1] != '-'), LATENCY),
        **histogram('upstream_sum_seconds', (sum(map(Decimal, one)) for one in times if one), LATENCY),
        **histogram('upstream_max_seconds', (max(map(Decimal, one)) for one in times if one), LATENCY),
        **histogram('connect_each_seconds', sum((elements(line['uct']) for line in lines), []), LATENCY),
        **histogram('header_each_seconds', sum((elements(line['uht']) for line in lines), []), LATENCY),
    }
