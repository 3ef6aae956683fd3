"""Does a real Prometheus understand what tailmeter serves, and draw from it what was put into the log?"""
import threading
import time
from decimal import Decimal

from lab import PRESET, run_test, wait_until
from prometheus import Prometheus

LINE = ('192.0.2.1 - - [21/Nov/2026:18:49:31 +0000] "{method} /v2/a/b/blobs/c HTTP/1.1" {status} 100 "-" "a" '
        'rt={rt} urt="{rt}" cs=HIT\n')
# Of twenty lines eighteen are fast and two slow: the 95th percentile lies among the slow ones.
ROUND = ''.join(LINE.format(method='GET', status=200, rt='0.003') for _ in range(18)) + \
    LINE.format(method='GET', status=502, rt='0.700') + LINE.format(method='PUT', status=201, rt='0.900')
ROUND_LINES = 20
FAST_BUCKET = Decimal(0), Decimal('0.005')
SLOW_BUCKET = Decimal('0.5'), Decimal(1)
ROUNDS_PER_SECOND = 10
HOSTILE_RULES = '''
sources:
  - name: hostile
    files: [{log}]
    format: combined
metrics:
  - counter: hostile_total
    help: Lines, by what clients wrote.
    labels: {{user: $remote_user, request: $request, path: $uri, agent: $http_user_agent, referer: $http_referer}}
'''
COMBINED = b'192.0.2.1 - %b [21/Nov/2026:18:49:31 +0000] "GET /%b HTTP/1.1" 200 1 "%b" "%b"\n'
HOSTILE_TEXTS = [
    b'\xff', b'\xc3', b'\xc3\x28', b'\xe2\x82', b'\xed\xa0\x80', b'\xf4\x90\x80\x80', b'\xf0\x9f\x98\x80',
    b'\xc2\x85\xe2\x80\xa8', b'\xef\xbb\xbf',
    b'\x00', bytes(byte for byte in range(1, 32) if byte != 10), b'\x7f', b'\x1b[31m', b'\\x0A', b'\\x22,le=\\x221',
    b'\\', b'\\\\', b'\\x', b'\\n',
    b'a\rb', b'\\"', b'{}=,#', b'# TYPE x counter', b'x' * 300, b'\xc3\xa9' * 200, b'\\xC3\\xA9' * 200,
    b'\xff' * 100, b'a\\x00b', b'%s%n', b'']
HOSTILE_LINES = [b'\n', b'\x00\n', b'\xff' * 100_000 + b'\n', b'"' * 100_000 + b'\n', b'\\' * 70_000 + b'\n',
                 b'a' * 300_000 + b'\n', COMBINED % (b'-', b'a' * 100_000, b'-', b'-'), b'\r\n', b'half a line']
BAD_EXPOSITIONS = {
    'a broken label': 'a_total{b="c} 1\n',
    'a byte that is not UTF-8': b'# HELP a_total A.\n# TYPE a_total counter\na_total{b="\xff"} 1\n',
    'a counter without _total': '# HELP a A.\n# TYPE a counter\na 1\n',
    'a metric without help': '# TYPE a_total counter\na_total 1\n'}


class Writer:
    """Writes rounds of lines at a steady pace until it is stopped."""

    def __init__(self, log):
        self.log, self.rounds, self.is_stopped = log, 0, threading.Event()
        self.begin = time.monotonic()
        self.thread = threading.Thread(target=self.write)
        self.thread.start()

    def write(self):
        with open(self.log, 'a', buffering=1 << 16) as log:
            while not self.is_stopped.wait(1 / ROUNDS_PER_SECOND):
                log.write(ROUND)
                log.flush()
                self.rounds += 1

    def lines_per_second(self):
        return Decimal(self.rounds * ROUND_LINES / (time.monotonic() - self.begin))

    def stop(self):
        self.is_stopped.set()
        self.thread.join()


def check_promtool(lab, texts):
    def promtool(text):
        with_input = lab.dir / 'exposition'
        with_input.write_bytes(text if isinstance(text, bytes) else text.encode())
        return lab.run('sh', '-c', f'promtool check metrics < {with_input}')
    for fault, text in BAD_EXPOSITIONS.items():
        done = promtool(text)
        lab.refuses(f'{fault} (promtool)', done.returncode != 0 and done.stderr, done.stdout + done.stderr)
    for name, text in texts.items():
        done = promtool(text)
        lab.check(f'promtool has nothing to say against the metrics of {name}',
                  done.returncode == 0 and not done.stdout + done.stderr, done)


def check_rates(lab, prometheus, writer):
    """While the log grows."""
    scrapes = 'count_over_time(http_requests_total{status="200"}[1m])'
    wait_until('there are rates', lambda: (prometheus.query(scrapes) or 0) >= 8, 60)
    lab.check('each status has a rate', prometheus.query('count(rate(http_requests_total[1m]) > 0)') == 3)
    rate, written = prometheus.query('sum(rate(http_requests_total[6s]))'), writer.lines_per_second()
    lab.check(f'the rate of the last seconds, {rate:.1f}, is about that of the writer, {written:.1f}',
              written / 2 < rate < written * 2)
    for rank, low, high in ('0.95', *SLOW_BUCKET), ('0.85', *FAST_BUCKET):
        quantile = prometheus.query(
            f'histogram_quantile({rank}, sum by (le) (rate(http_request_duration_seconds_bucket[1m])))')
        lab.check(f'the quantile {rank} is in the bucket {low} to {high}: {quantile}', low < quantile <= high)


def check_records(lab, prometheus, follower, rounds):
    """After the log has ended to grow."""
    lines = rounds * ROUND_LINES
    wait_until('the last line is recorded', lambda: prometheus.query('sum(http_requests_total)') == lines)
    lab.check(f'Prometheus has {lines} requests', follower.metrics()['http_request_duration_seconds_count'] == lines)
    names = [name for name in prometheus.ask('label/__name__/values') if name.startswith(('http_', 'cache_', 'image_'))]
    fallen = [name for name in names if prometheus.query(f'sum(resets({name}[10m]))')]
    lab.check(f'nothing that it recorded of {len(names)} names ever fell', len(names) > 10 and not fallen, fallen)
    by_status = prometheus.recorded('http_requests_total')
    counts, = prometheus.recorded('http_request_duration_seconds_count')
    sums = {at: sum(one.get(at, 0) for one in by_status) for at in counts}
    lab.same('in each scrape the requests by status add up to the count of durations', sums, counts)
    totals = list(counts.values())
    lab.check(f'the totals grew from scrape to scrape, {totals[0]} to {lines}',
              len(set(totals)) > 5 and totals[-1] == lines, totals)
    lab.sees_an_error_of_one(counts)


def check_hostile(lab, prometheus, log):
    scrapes = prometheus.query('count_over_time(up{job="hostile"}[10m])')
    with open(log, 'ab') as file:
        for text in HOSTILE_TEXTS:
            file.write(COMBINED % (text, text, text, text))
        file.write(b''.join(HOSTILE_LINES))
    wait_until('five more scrapes', lambda: prometheus.query('count_over_time(up{job="hostile"}[10m])') >= scrapes + 5)
    lab.check('no scrape failed, whatever the log held', prometheus.query('min_over_time(up{job="hostile"}[10m])') == 1)
    target = prometheus.targets()['hostile']
    lab.check('and the target has no error', target['lastError'] == '' and target['health'] == 'up', target)
    outcomes = {outcome: prometheus.query(f'tailmeter_lines_total{{job="hostile",outcome="{outcome}"}}')
                for outcome in ('matched', 'unmatched', 'oversize')}
    whole_lines = len(HOSTILE_TEXTS) + sum(text.count(b'\n') for text in HOSTILE_LINES)
    lab.check(f'each of {whole_lines} lines is matched, unmatched or oversize',
              sum(outcomes.values()) == whole_lines, outcomes)
    lab.check('those longer than the limit are oversize', outcomes['oversize'] == 5, outcomes)
    counted = prometheus.query('sum(hostile_total)')
    lab.check('each line that matched is in one series', 0 < counted == outcomes['matched'], f'{counted} {outcomes}')


def main(lab):
    log, hostile_log = lab.write('access.log', ''), lab.write('hostile.log', COMBINED % (b'-', b'', b'-', b'-'))
    follower = lab.follow(f'--config.file={PRESET}', '--source=nginx', log)
    rules = lab.write('hostile.yml', HOSTILE_RULES.format(log=hostile_log))
    hostile = lab.follow(f'--config.file={rules}', name='hostile')
    writer = Writer(log)
    try:
        prometheus = Prometheus(lab, {'mirror': follower.address, 'hostile': hostile.address})
        begin = time.monotonic()
        wait_until('both are up', lambda: prometheus.query('sum(up)') == 2)
        lab.check(f'up is 1 after {time.monotonic() - begin:.1f} s', prometheus.query('min(up)') == 1)
        check_rates(lab, prometheus, writer)
    finally:
        writer.stop()
    check_records(lab, prometheus, follower, writer.rounds)
    check_hostile(lab, prometheus, hostile_log)
    check_promtool(lab, {'a mirror': follower.text(), 'a hostile log': hostile.text()})


run_test(main, needs=['prometheus', 'promtool'])
