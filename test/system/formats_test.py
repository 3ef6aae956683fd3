"""Does each format in which metrics are served say the same, to readers that are not ours?"""
import collections
import gzip
import json
import random
import re
import subprocess

from lab import SKIPPED, fetch, run_test

try:
    from readers import (ACCEPTS, CONTENT_TYPES, SCHEMA, key, native_buckets, native_index, openmetrics_families,
                         protobuf_families, read_openmetrics, read_protobuf, read_text)
    import google.protobuf  # noqa: F401  what protoc makes needs it
except ImportError as error:
    print(f'skipped: not installed: {error.name}')
    raise SystemExit(SKIPPED)

LINES = 3_000
RULES = '''
sources:
  - name: web
    files: [{log}]
    start_at: beginning
    format: '$remote_addr $status $request_time $request_id "$http_referer"'
metrics:
  - counter: requests_total
    help: "Requests, \\"all\\" of them,\\nin \\\\ lines."
    labels: {{status: $status, referer: $http_referer}}
  - counter: sent_megawatts_total
    help: What was sent.
    value: $request_time
    unit: megawatts
  - gauge: last_seconds
    help: The last time.
    value: $request_time
  - histogram: request_duration_seconds
    help: How long.
    value: $request_time
    labels: {{status: $status}}
    buckets: [0.01, 0.1, 1, 1000000]
    native: true
    exemplar: {{request_id: $request_id}}
    init: [{{status: '599'}}]
  - histogram: native_seconds
    help: How long, in native buckets alone.
    value: $request_time
    buckets: []
    native: true
  - histogram: change_bytes
    help: Below zero too.
    value: $request_time
    buckets: [-1, 0, 1]
  - summary: took_seconds
    help: How long, lately.
    value: $request_time
    quantiles: [0.5, 0.99, 1]
    window: 1h
  - topk: top_referers
    help: Where they come from.
    labels: {{referer: $http_referer}}
  - distinct: users_total
    help: Addresses.
    of: $remote_addr
  - ratio: ok_ratio
    help: Those that went well.
    hit: {{status: '2..'}}
    window: 1h
'''
REFERERS = ['-', 'a', '\\x22quoted\\x22', 'back\\x5Cslash', 'two\\x0Alines', 'gr\u00fc\u00df', '\\xFF', 'a,b=c{}']
BAD_TEXT = {'a label without its end': b'a{b="c} 1\n', 'a value that is none': b'a b\n'}
BAD_OPENMETRICS = {
    'no end': b'# TYPE a gauge\na 1\n',
    'a unit that the name does not end with': b'# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n',
    'a counter without _total': b'# TYPE a counter\na 1\n# EOF\n',
    'two families of one name': b'# TYPE a gauge\na 1\n# TYPE a gauge\n# EOF\n',
    'buckets that fall': b'# TYPE a histogram\na_bucket{le="1.0"} 2\na_bucket{le="+Inf"} 1\na_count 1\na_sum 1\n# EOF\n'}
GOOD = {'text': b'a{b="c"} 1\n', 'OpenMetrics': b'# TYPE a gauge\na{b="c"} 1\n# EOF\n',
        # name "a", type gauge, a metric with the label b="c" and the gauge 1
        'protobuf': bytes.fromhex('1a' '0a0161' '1801' '2213' '0a060a0162120163' '1209' '09000000000000f03f')}
BAD_PROTOBUF = {'a message that is cut off': GOOD['protobuf'][:-1], 'a field that is none': b'\x02\x07\x07'}


def is_refused(read, body):
    try:
        read(body)
        return False
    except Exception:                                       # each reader has errors of its own
        return True


def lines_of(rng):
    for number in range(LINES):
        yield (f'192.0.2.{rng.randrange(200)}', rng.choice(('200', '404', '502')), f'{rng.lognormvariate(-3, 2):.3f}',
               f'id-{number}', rng.choice(REFERERS))


def users_own(samples):
    return {one: value for one, value in samples.items() if not re.match('tailmeter_|process_', one[0])}


def check_samples(lab, pages, readers):
    read = {name: readers[name](page) for name, page in pages.items()}
    text = users_own(read['text'])
    lab.check('the text has samples of every metric', len({name for name, _ in text}) >= 17, {name for name, _ in text})
    # OpenMetrics wants no sum of values that may be below zero, and no count without a sum.
    openmetrics = {one: value for one, value in text.items() if one[0] not in ('change_bytes_sum', 'change_bytes_count')}
    lab.same('OpenMetrics says what the text says', users_own(read['OpenMetrics']), openmetrics)
    native_alone = {one: value for one, value in text.items() if one[0] != 'native_seconds_bucket'}
    lab.same('so does protobuf', users_own(read['protobuf']), native_alone)
    # What the program says of itself goes on between two scrapes; its series are the same.
    own = {name: {one for one in samples if one not in users_own(samples)} for name, samples in read.items()}
    lab.check('the program says the same of itself in each',
              len(own['text']) > 40 and own['text'] == own['OpenMetrics'] == own['protobuf'],
              own['text'] ^ own['OpenMetrics'] | own['text'] ^ own['protobuf'])
    return text


def check_counts(lab, text, lines):
    escapes = {'-': '', '\\x22quoted\\x22': '"quoted"', 'back\\x5Cslash': 'back\\slash'}
    counts = collections.Counter((status, referer) for _, status, _, _, referer in lines if referer in ('a', *escapes))
    want = {(status, escapes.get(referer, referer)): count for (status, referer), count in counts.items()}
    got = {(dict(labels)['status'], dict(labels).get('referer', '')): value for (name, labels), value in text.items()
           if name == 'requests_total'}
    lab.same('requests are those of the log, whatever the label holds', {one: got.get(one) for one in want}, want)


def check_openmetrics(lab, page, lines):
    families = {family.name: family for family in openmetrics_families(page)}
    kinds = {name: families[name].type for name in ('requests', 'request_duration_seconds', 'took_seconds', 'users')}
    lab.check('families have their types', kinds == {
        'requests': 'counter', 'request_duration_seconds': 'histogram', 'took_seconds': 'summary',
        'users': 'counter'}, kinds)
    units = {name: families[name].unit for name in ('sent_megawatts', 'request_duration_seconds', 'ok_ratio', 'users')}
    lab.check('and units', units == {'sent_megawatts': 'megawatts', 'request_duration_seconds': 'seconds',
                                     'ok_ratio': 'ratio', 'users': ''}, units)
    lab.check('a help text is what the rule file says',
              families['requests'].documentation == 'Requests, "all" of them,\nin \\ lines.', families['requests'])
    times = {identity: float(time) for _, _, time, identity, _ in lines}
    exemplars = [sample for sample in families['request_duration_seconds'].samples if sample.exemplar]
    lab.check('exemplars lead to the lines whose times they have', len(exemplars) >= 6 and all(
        times[sample.exemplar.labels['request_id']] == sample.exemplar.value <= float(sample.labels['le'])
        for sample in exemplars), exemplars)
    bounds = sorted({sample.labels['le'] for sample in families['request_duration_seconds'].samples if 'le' in sample.labels})
    lab.check('bounds are canonical', bounds == ['+Inf', '0.01', '0.1', '1.0', '1e+06'], bounds)


def check_native(lab, families, lines):
    family, = [one for one in families if one.name == 'request_duration_seconds']
    by_status = {metric.label[0].value: metric.histogram for metric in family.metric}
    for status in ('200', '404', '502'):
        histogram = by_status[status]
        times = [float(time) for _, got, time, _, _ in lines if got == status]
        want = collections.Counter(native_index(time, histogram.schema) for time in times if time > 0)
        lab.same(f'the native buckets of status {status} are those of the times in the log',
                 native_buckets(histogram), dict(want))
        lab.check('and those that are zero are counted', histogram.zero_count == times.count(0.0), histogram.zero_count)
    empty = by_status['599']
    lab.check('an empty one has a span, so that it is native',
              [(span.offset, span.length) for span in empty.positive_span] == [(0, 0)] and empty.zero_threshold > 0, empty)
    exemplars = [bucket.exemplar for bucket in by_status['200'].bucket if bucket.HasField('exemplar')]
    times = {identity: float(time) for _, _, time, identity, _ in lines}
    lab.check('exemplars are in the buckets', exemplars and all(
        times[exemplar.label[0].value] == exemplar.value for exemplar in exemplars), exemplars)


def check_created(lab, pages, samples, folder):
    """The published schema of Debian's package is older than that field: the bytes are looked at."""
    created = samples['_created']
    raw = subprocess.run(['protoc', '--decode_raw'], input=protobuf_families(pages['protobuf'], folder)[0].SerializeToString(),
                         capture_output=True, check=True).stdout.decode()
    seconds = {int(found) for found in re.findall(r'3 \{\n\s+3 \{\n|3 \{\n      1: (\d+)', raw) if found}
    lab.check('protobuf says since when a counter counts', len(seconds) == 1, raw[:500])
    lab.check('and OpenMetrics the same, where it is asked for', {int(value) for value in created.values()} == seconds,
              (created, seconds))


def check_json(lab, address, text):
    status, headers, body = fetch(address, '/api/v1/series')
    lab.check('the API answers JSON', (status, headers['Content-Type']) == (200, 'application/json'), headers)
    samples = {key(one['name'], one['labels']): float(one['value']) for one in json.loads(body)['metrics']}
    lab.same('its series are those of the text', samples, text)
    one = json.loads(fetch(address, '/api/v1/series?metric=users_total')[2])['metrics']
    lab.check('it gives those of one metric', [each['name'] for each in one] == ['users_total'], one)
    state = json.loads(fetch(address, '/api/v1/status')[2])
    lab.check('its status has what the program says of itself', state['ready'] is True
              and state['sources']['web']['lines_total'] == {'matched': LINES, 'oversize': 0, 'unmatched': 0}
              and state['metrics']['requests_total']['updates_total'] == LINES and state['program']['durable'] == 1, state)


def check_negotiation(lab, address):
    cases = [
        ('', '', 'text', None),
        ('*/*', '', 'text', None),
        (ACCEPTS['protobuf'] + ',application/openmetrics-text;version=1.0.0;q=0.8,*/*;q=0.1', 'gzip', 'protobuf', 'gzip'),
        ('application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,'
         'text/plain;version=0.0.4;q=0.5,*/*;q=0.1', 'gzip', 'OpenMetrics', 'gzip'),
        ('text/html,*/*;q=0.8', 'gzip, deflate, br, zstd', 'text', 'zstd'),
        ('application/json', 'br', 'text', None),
    ]
    for accept, coding, form, want in cases:
        headers = {name: value for name, value in (('Accept', accept), ('Accept_Encoding', coding)) if value}
        status, answer, body = fetch(address, '/metrics', **headers)
        lab.check(f'Accept: {accept} and Accept-Encoding: {coding} get {form}, {want}',
                  (status, answer['Content-Type'], answer.get('Content-Encoding')) == (200, CONTENT_TYPES[form], want),
                  answer)
        if want:
            plain = gzip.decompress(body) if want == 'gzip' else subprocess.run(
                ['zstd', '-dc'], input=body, capture_output=True, check=True).stdout
            lab.check('which others can decompress', b'requests_total' in plain and len(plain) > len(body), len(body))


def main(lab):
    readers = {'text': read_text, 'OpenMetrics': read_openmetrics,
               'protobuf': lambda body: read_protobuf(body, lab.dir)}
    for form, body in GOOD.items():
        lab.check(f'the reader of {form} takes what is right',
                  readers[form](body) == {('a', frozenset({('b', 'c')})): 1}, readers[form](body))
    for form, bad in (('text', BAD_TEXT), ('OpenMetrics', BAD_OPENMETRICS), ('protobuf', BAD_PROTOBUF)):
        for fault, body in bad.items():
            lab.refuses(f'{fault} ({form})', is_refused(readers[form], body))
    lines = list(lines_of(random.Random(7)))
    log = lab.folder('log') / 'web.log'
    log.write_text(''.join(f'{address} {status} {time} {identity} "{referer}"\n'
                           for address, status, time, identity, referer in lines))
    rules = lab.write('rules.yml', RULES.format(log=log))
    follower = lab.follow(f'--config.file={rules}', '--web.created-samples')
    pages = {}
    for form, accept in ACCEPTS.items():
        status, headers, pages[form] = fetch(follower.address, '/metrics', Accept=accept)
        lab.check(f'{form} is what was asked for', (status, headers['Content-Type']) == (200, CONTENT_TYPES[form]), headers)
    samples = {'_created': {one: value for one, value in read_openmetrics(pages['OpenMetrics']).items()
                            if one[0] == 'requests_created'}}
    lab.check('a histogram has its own', b'\nrequest_duration_seconds_created{status="200"} ' in pages['OpenMetrics'])
    check_created(lab, pages, samples, lab.dir)
    created = re.compile(rb'^\w+_created(\{.*\})? .*\n', re.M)
    pages['OpenMetrics'] = created.sub(b'', pages['OpenMetrics'])
    text = check_samples(lab, pages, readers)
    check_counts(lab, text, lines)
    check_openmetrics(lab, pages['OpenMetrics'], lines)
    check_native(lab, protobuf_families(pages['protobuf'], lab.dir), lines)
    check_negotiation(lab, follower.address)
    check_json(lab, follower.address, text)
    without = lab.run(lab.tailmeter, 'dry-run', f'--config.file={rules}', '--format=openmetrics', log)
    dry = read_openmetrics(without.stdout.encode())
    lab.same('dry-run writes the same OpenMetrics', dry,
             {one: value for one, value in users_own(read_openmetrics(pages['OpenMetrics'])).items()})
    lab.check('without saying since when', '_created' not in without.stdout)


if not SCHEMA.exists():
    print(f'skipped: not installed: {SCHEMA}')
    raise SystemExit(SKIPPED)
run_test(main, needs=['protoc', 'zstd'])
