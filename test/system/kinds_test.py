"""Do all kinds of metrics say of a log what Python says of it, through kill -9, and are values back when a rule is?"""
import collections
import math
import random
import signal
from decimal import Decimal

from exposition import series
from lab import fetch, run_test

LINES, PIECES = 20_000, 5
SOURCE = '''
sources:
  - name: web
    files: [{log}]
    start_at: beginning
    format: '$remote_addr $status $request_time $image'
metrics:
'''
KINDS = '''
  - topk: top_images
    labels: {image: $image}
    k: 5
  - topk: top_seconds
    labels: {image: $image}
    value: $request_time
    k: 3
    max_series: 20
  - distinct: users_total
    of: $remote_addr
  - distinct: recent_users
    max_series: 1000
    of: $remote_addr
    labels: {status: $status}
    window: 1h
  - ratio: ok_ratio
    hit: {status: '2..'}
    window: 1h
  - ratio: ok_seconds_ratio
    hit: {status: '2..'}
    value: $request_time
    window: 1h
  - summary: took_seconds
    value: $request_time
    quantiles: [0.5, 0.9, 0.99]
    window: 1h
  - histogram: times_seconds
    value: $request_time
    native: true
    buckets: [0.01, 0.1]
'''
REQUESTS = '''
  - counter: requests_total
    labels: {status: $status}
    init: [{status: '200'}, {status: '500'}]
    ttl: 1h
'''


def lines_of(rng):
    weights = [1 / rank for rank in range(1, 201)]
    for _ in range(LINES):
        yield (f'192.0.{rng.randrange(16)}.{rng.randrange(256)}', rng.choice(('200', '206', '404')),
               Decimal(f'{math.exp(rng.gauss(-3, 1.5)):.3f}'), f'image-{rng.choices(range(200), weights)[0]:03}')


def is_near(got, want, share):
    return got is not None and abs(float(got) - float(want)) <= float(want) * share


def check(lab, samples, lines):
    counts = collections.Counter(image for *_, image in lines)
    top = dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:5])
    lab.same('a topk that watches all there are is exact',
             {key: value for key, value in samples.items() if key.startswith(('top_images{', 'top_images_error{'))},
             {series(name, image=image): value for image, count in top.items()
              for name, value in (('top_images', count), ('top_images_error', 0))})
    seconds = collections.Counter()
    for _, _, took, image in lines:
        seconds[image] += took
    shown = {image: (samples[series('top_seconds', image=image)], samples[series('top_seconds_error', image=image)])
             for image in seconds if series('top_seconds', image=image) in samples}
    total = sum(seconds.values())
    lab.check('one that watches too few says by how much each may be too high, and is right',
              len(shown) == 3 and all(value - error <= seconds[image] <= value and error <= total / 20
                                      for image, (value, error) in shown.items()), (shown, seconds.most_common(5)))
    users = {address for address, *_ in lines}
    lab.check(f'{len(users)} addresses are counted with an error of less than 2.5 %',
              is_near(samples.get('users_total'), len(users), 0.025), samples.get('users_total'))
    for status in ('200', '206', '404'):
        some = {address for address, got, *_ in lines if got == status}
        got = samples.get(series('recent_users', status=status))
        lab.check(f'so are those with status {status} in the window', is_near(got, len(some), 0.025), (got, len(some)))
    ok = [took for _, status, took, _ in lines if status < '300']
    took = sorted(took for _, _, took, _ in lines)
    lab.check('a ratio is exact', is_near(samples.get('ok_ratio'), len(ok) / len(lines), 1e-8), samples.get('ok_ratio'))
    lab.check('so is one by weight', is_near(samples.get('ok_seconds_ratio'), sum(ok) / sum(took), 1e-8))
    for quantile in (0.5, 0.9, 0.99):
        got, want = samples.get(series('took_seconds', quantile=str(quantile))), took[int(quantile * len(took))]
        lab.check(f'the quantile {quantile} is off by less than 4.5 %', is_near(got, want, 0.045), (got, want))
    lab.same('sums and counts are exact', {key: samples[key] for key in (
        'took_seconds_sum', 'took_seconds_count', 'times_seconds_sum', 'times_seconds_count',
        series('times_seconds_bucket', le='0.1'))}, {
            'took_seconds_sum': sum(took), 'took_seconds_count': len(took),
            'times_seconds_sum': sum(took), 'times_seconds_count': len(took),
            series('times_seconds_bucket', le='0.1'): sum(value <= Decimal('0.1') for value in took)})


def check_checks(lab):
    lab.refuses('a value too high by 3 %', [] if is_near(1.03, 1, 0.025) else ['refused'])
    lab.refuses('no value', [] if is_near(None, 1, 0.025) else ['refused'])


def check_removed(lab, follower, rules, with_requests, without, log):
    """A metric is taken out of the rules, and comes back."""
    def requests():
        return {key: value for key, value in follower.metrics().samples.items() if key.startswith('requests_total')}

    def load(text):
        rules.write_text(text)
        status, _, body = fetch(follower.address, '/-/reload', method='POST')
        lab.check('the rules are taken over', status == 200, body)

    before = requests()
    load(without)
    with log.open('a') as file:
        file.write('192.0.2.1 200 0.1 image-000\n')
    lab.check('a metric that is taken out is not shown', not requests(), requests())
    follower.server.stop(signal.SIGKILL)
    follower = lab.follow(f'--config.file={rules}')
    load(with_requests)
    lab.same('when it comes back, also after kill -9, it has what it had', requests(), before)
    changed = with_requests.replace('labels: {status: $status}\n    init', 'labels: {status: $status, image: $image}\n    init')
    changed = changed.replace("{status: '200'}, {status: '500'}", "{status: '200', image: a}")
    load(changed)
    lab.same('one of other labels begins anew', requests(), {series('requests_total', image='a', status='200'): 0})
    load(with_requests)
    lab.same('and undoing that is exact', requests(), before)
    return follower


def main(lab):
    check_checks(lab)
    log = lab.folder('log') / 'web.log'
    log.touch()
    with_requests = SOURCE.format(log=log) + KINDS + REQUESTS
    rules = lab.write('rules.yml', with_requests)
    follower = lab.follow(f'--config.file={rules}')
    lab.check('series from the start are there before any line', follower.metrics().user().get(
        series('requests_total', status='500')) == 0)
    lines = list(lines_of(random.Random(1)))
    for piece in range(PIECES):
        with log.open('a') as file:
            for number, line in enumerate(lines[piece::PIECES]):
                file.write(' '.join(map(str, line)) + '\n')
                if number == 100:
                    file.flush()
                    follower.text()
        follower.text()
        follower.server.stop(signal.SIGKILL)
        follower = lab.follow(f'--config.file={rules}')
    samples = follower.metrics().samples
    lab.same('each line is counted once through kill -9',
             {key: value for key, value in samples.items() if key.startswith('requests_total')},
             {**{series('requests_total', status=status): count
                 for status, count in collections.Counter(status for _, status, *_ in lines).items()},
              series('requests_total', status='500'): 0})
    check(lab, samples, lines)
    follower = check_removed(lab, follower, rules, with_requests, SOURCE.format(log=log) + KINDS, log)
    follower.server.stop()


run_test(main)
