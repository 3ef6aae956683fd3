"""Fifty reloads while lines arrive: does a real Prometheus see each line once, and no series fall? And a series that idles?

What increase() adds up is what the recorded samples rise by, from sample to sample; what it makes of the ends of the range
it asks about is extrapolated, and so compared with a tolerance."""
import itertools
import random
import threading
import time
from decimal import Decimal

from exposition import series
from lab import fetch, run_test, wait_until
from prometheus import Prometheus

RELOADS = 50
SECONDS_BETWEEN = 0.4       # so that the idle image's time is over before the last of them
RULES = '''
sources:
  - name: web
    files: [{log}]
    start_at: beginning
    format: '$remote_addr $status $image'
metrics:
  - counter: requests_total
    labels: {{status: $status}}
  - counter: pulls_total
    labels: {{image: $image}}
    ttl: 10s
  - {other}
'''
OTHERS = ('counter: other_total', 'counter: other_total\n    labels: {status: $status}', 'gauge: others\n    op: add',
          'distinct: users_total\n    of: $remote_addr')


class Writer(threading.Thread):
    """Writes lines until it is stopped, and counts them by status and by image."""

    def __init__(self, log):
        super().__init__(daemon=True)
        self.log, self.counts, self.is_stopped = log, {}, threading.Event()
        self.rng = random.Random(9)

    def write(self, file, image):
        status = self.rng.choice(('200', '404'))
        file.write(f'192.0.2.{self.rng.randrange(256)} {status} {image}\n')
        for key in series('requests_total', status=status), series('pulls_total', image=image):
            self.counts[key] = self.counts.get(key, 0) + 1

    def write_idle(self):
        with self.log.open('a') as file:
            for _ in range(100):
                self.write(file, 'idle')

    def run(self):
        with self.log.open('a', buffering=1) as file:
            while not self.is_stopped.wait(0.005):
                for image in 'ab':
                    self.write(file, image)


def rise(samples):
    """What increase() adds up: a fall is a reset to 0."""
    values = [value for _, value in sorted(samples.items(), key=lambda sample: Decimal(sample[0]))]
    return sum(after - before if after >= before else after for before, after in itertools.pairwise(values))


def check_rise(lab):
    lab.same('what samples rise by is added up through resets', {'rise': rise({'1': 5, '2': 7, '3': 1, '10': 4})}, {'rise': 6})


def main(lab):
    check_rise(lab)
    log = lab.folder('log') / 'web.log'
    log.touch()
    writer = Writer(log)
    with log.open('a') as file:             # so that each series is there, and recorded, before it rises
        for _ in range(10):
            for image in ('a', 'b', 'idle'):
                writer.write(file, image)
    rules = lab.write('rules.yml', RULES.format(log=log, other=OTHERS[0]))
    follower = lab.follow(f'--config.file={rules}')
    prometheus = Prometheus(lab, {'web': follower.address})
    wait_until('there are two samples', lambda: (prometheus.query('min(count_over_time(requests_total[1m]))') or 0) >= 2)
    first = dict(writer.counts)
    writer.write_idle()
    writer.start()
    answers = []
    for number in range(RELOADS):
        time.sleep(SECONDS_BETWEEN)
        rules.write_text(RULES.format(log=log, other=OTHERS[number % len(OTHERS)]))
        answers.append(fetch(follower.address, '/-/reload', method='POST')[0])
    writer.is_stopped.set()
    writer.join()
    lab.same(f'each of {RELOADS} reloads was taken over', {'answers': answers}, {'answers': [200] * RELOADS})

    def pulls():
        return {key: value for key, value in follower.metrics().samples.items() if key.startswith('pulls_total')}
    wait_until('the image that idles is let go of', lambda: series('pulls_total', image='idle') not in pulls())
    expired = series('pulls_total', image='__expired__')
    counts = writer.counts
    idle = counts.pop(series('pulls_total', image='idle'))
    samples = follower.metrics().samples
    lab.same('no line is lost by a reload, and none counted twice', {key: samples.get(key) for key in (*counts, expired)},
             {**counts, expired: idle})
    writer.write_idle()
    again = series('pulls_total', image='idle')
    lab.same('what idled and comes again begins at 0', {again: pulls().get(again)}, {again: 100})
    check_recorded(lab, prometheus, first, writer.counts)


def check_recorded(lab, prometheus, first, counts):
    lines = sum(value for key, value in counts.items() if key.startswith('requests_total'))
    wait_until('the last line is recorded', lambda: prometheus.query('sum(requests_total)') == lines)
    by_status, by_image = prometheus.recorded('requests_total'), prometheus.recorded('pulls_total{image!="__expired__"}')
    began = sum(value for key, value in first.items() if key.startswith('requests_total'))
    lab.same('what Prometheus recorded rises by what was written', {'by status': sum(map(rise, by_status)),
                                                                    'by image': sum(map(rise, by_image))},
             {'by status': lines - began, 'by image': lines - began})
    lab.check('no series that goes on was reset', prometheus.query('sum(resets(requests_total[10m]))') == 0)
    everything = prometheus.recorded('pulls_total')
    moments = sorted({at for one in everything for at in one}, key=Decimal)
    totals = [sum(one.get(at, 0) for one in everything) for at in moments]
    lab.check(f'in {len(totals)} scrapes the sum over all images, with those that went, never fell',
              len(totals) > 10 and totals == sorted(totals), totals)
    increase = prometheus.query('sum(increase(requests_total[2m]))')
    lab.check(f'increase() says {increase:.1f}, with its extrapolation, of {lines - began}',
              abs(increase - (lines - began)) <= (lines - began) * Decimal('0.1'))


run_test(main, needs=['prometheus'])
