"""Does a real Prometheus get native histograms and exemplars, each where it asks for them, and quantiles that are right?"""
import math
import random
from decimal import Decimal

from lab import run_test, wait_until
from prometheus import Prometheus

LINES = 20_000
BUCKETS = [Decimal('0.01'), Decimal('0.1'), Decimal(1)]
RULES = '''
sources:
  - name: web
    files: [{log}]
    start_at: beginning
    format: '$remote_addr $status $request_time $request_id'
metrics:
  - histogram: request_duration_seconds
    help: How long requests took.
    value: $request_time
    labels: {{status: $status}}
    buckets: [0.01, 0.1, 1]
    native: true
    exemplar: {{request_id: $request_id}}
  - counter: requests_total
    help: Requests.
    labels: {{status: $status}}
'''
LARGEST_ERROR = 0.05


def lines_of(rng):
    for number in range(LINES):
        # Two kinds of requests, one a hundred times as slow as the other.
        scale = 1 if rng.random() < 0.7 else 100
        yield rng.choice(('200', '200', '404')), Decimal(f'{scale * rng.lognormvariate(-4, 0.7):.6f}'), f'id-{number}'


def exact(values, quantile):
    return sorted(values)[math.ceil(quantile * len(values)) - 1]


def is_near(got, want):
    return got is not None and abs(got - want) <= want * Decimal(LARGEST_ERROR)


def check_quantiles(lab, native, times):
    for quantile in (0.1, 0.5, 0.9, 0.99, 0.999):
        got, want = native.query(f'histogram_quantile({quantile}, sum(request_duration_seconds))'), exact(times, quantile)
        lab.check(f'the quantile {quantile} of native histograms is {got:.6f}, and {want} is exact: less than 5 % off',
                  is_near(got, want))
    lab.refuses('a quantile that is off by 6 %', not is_near(Decimal('1.06'), Decimal(1)))
    lab.refuses('no quantile', not is_near(None, Decimal(1)))
    classic = native.query('histogram_quantile(0.9, sum by (le) (request_duration_seconds_bucket))')
    lab.check('that server has no classic buckets of them', classic is None, classic)


def check_classic(lab, classic, lines, times):
    for bound in BUCKETS:
        selector = f'sum(request_duration_seconds_bucket{{le=~"{bound}(\\\\.0)?"}})'
        got, want = classic.query(selector), sum(time <= bound for time in times)
        lab.check(f'by OpenMetrics {want} requests took {bound} s at most', got == want, (selector, got))
    found = classic.ask('query_exemplars', query='request_duration_seconds_bucket', start=0, end='2100-01-01T00:00:00Z')
    by_id = {identity: (status, time) for status, time, identity in lines}
    exemplars = [(series['seriesLabels']['status'], exemplar) for series in found for exemplar in series['exemplars']]
    lab.check(f'{len(exemplars)} exemplars lead to the lines that they are of', exemplars and all(
        by_id[exemplar['labels']['request_id']] == (status, Decimal(exemplar['value'])) for status, exemplar in exemplars),
        exemplars)


def main(lab):
    log = lab.folder('log') / 'web.log'
    lines = list(lines_of(random.Random(3)))
    log.write_text(''.join(f'192.0.2.1 {status} {time} {identity}\n' for status, time, identity in lines))
    follower = lab.follow(f'--config.file={lab.write("rules.yml", RULES.format(log=log))}')
    targets = {'web': follower.address}
    native = Prometheus(lab, targets, '--enable-feature=native-histograms', name='native')
    classic = Prometheus(lab, targets, '--enable-feature=exemplar-storage', name='classic')
    for server in native, classic:
        wait_until('it has scraped', lambda server=server: server.query('sum(requests_total)') == LINES)
    times = [time for _, time, _ in lines]
    check_quantiles(lab, native, times)
    count = native.query('histogram_count(sum(request_duration_seconds))')
    lab.check('the count is that of the lines', count == LINES, count)
    total = native.query('histogram_sum(sum(request_duration_seconds))')
    lab.check('and the sum that of the times', abs(total - sum(times)) < Decimal('1e-6'), (total, sum(times)))
    check_classic(lab, classic, lines, times)
    for server in native, classic:
        target = server.targets()['web']
        lab.check('no scrape had an error', target['health'] == 'up' and target['lastError'] == '', target)


run_test(main, needs=['prometheus'])
