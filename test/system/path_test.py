"""Path labels of a tailmeter that is killed at every so many lines: what was learned of the paths is not lost."""
import collections
import random
import re
import signal

from exposition import Exposition, series
from lab import fetch, run_test

PIECES = 12
LINES = 1_200
RULES = '''
sources:
  - name: web
    files: ['{log}']
    start_at: beginning
    format: '"$request" $status'
metrics:
  - counter: requests_total
    labels: {{path: {{from: $uri, path: ['/v2/{{name...}}/blobs/{{digest}}', auto]}}}}
  - counter: targets_total
    labels: {{path: {{from: $request_uri, path: auto}}, status: $status}}
  - counter: known_total
    labels: {{path: {{from: $request_uri, path: '/users/{{id}}'}}}}
'''
BLOBS = '/v2/{name...}/blobs/{digest}'


class Learned:
    """What paths are called, thought out anew: names are kept by the text in front of them, 32 a place."""

    def __init__(self):
        self.names = collections.defaultdict(set)

    def value(self, target):
        value = ''
        for depth, segment in enumerate(target.partition('?')[0].split('/')[1:]):
            if depth == 8:
                return value + '/...'
            if re.fullmatch('[0-9]+', segment):
                segment = '{number}'
            elif re.fullmatch('sha256:[0-9a-f]+', segment):
                segment = '{digest}'
            else:
                self.names[value].add(segment)
                if len(self.names[value]) > 32:
                    segment = '{text}'
            value += '/' + segment
        return value


def targets(rng):
    """Users by name and number, images, a scanner in some folder, deep paths."""
    kinds = (
        lambda: f'/users/user-{rng.randrange(60)}-x/orders/{rng.randrange(1000)}?page={rng.randrange(9)}',
        lambda: f'/users/{rng.randrange(1000)}',
        lambda: f'/v2/library/image-{rng.randrange(50)}-x/blobs/sha256:{rng.getrandbits(64):016x}',
        lambda: f'/v2/library/image-{rng.randrange(50)}-x/tags',
        lambda: f'/static/{rng.choice("abc")}/probe-{rng.randrange(10_000)}-x',
        lambda: '/a/b/c/d/e/f/g/h/' + str(rng.randrange(100)),
        lambda: rng.choice(('/', '/index.html', '/a//b', '/a/')))
    for _ in range(LINES):
        yield rng.choice(kinds)(), rng.choice(('200', '404'))


def expected(lines):
    samples = collections.Counter()
    of_paths, of_targets = Learned(), Learned()
    for target, status in lines:
        path = target.partition('?')[0]
        is_blob = re.fullmatch('/v2/.+/blobs/[^/]+', path)
        samples[series('requests_total', path=BLOBS if is_blob else of_paths.value(path))] += 1
        samples[series('targets_total', path=of_targets.value(target), status=status)] += 1
        is_user = re.fullmatch('/users/[^/]+', path)
        samples[series('known_total', path='/users/{id}' if is_user else '__other__')] += 1
    return dict(samples)


def check_checks(lab):
    learned = Learned()
    values = [learned.value(f'/name-{number}') for number in range(40)]
    lab.refuses('33 names in one place', [] if values[32] == '/name-32' else ['refused'])


def main(lab):
    check_checks(lab)
    log = lab.folder('log') / 'web.log'
    log.touch()
    rules = lab.write('rules.yml', RULES.format(log=log))
    lines = list(targets(random.Random(1)))
    follower = lab.follow(f'--config.file={rules}')
    for piece in range(PIECES):
        size = LINES // PIECES
        with log.open('a') as file:
            for number, (target, status) in enumerate(lines[piece * size:(piece + 1) * size]):
                file.write(f'"GET {target} HTTP/1.1" {status}\n')
                if number == 60:
                    file.flush()
                    follower.text()
        if piece % 2 == 0:
            follower.text()
        if piece % 3 == 0:
            status, _, body = fetch(follower.address, '/-/reload', method='POST')
            lab.check('the rules are taken over', status == 200, body)
        follower.server.stop(signal.SIGKILL)
        follower = lab.follow(f'--config.file={rules}')
    want = expected(lines)
    lab.check('some names were too many', any('{text}' in name for name in want))
    lab.same(f'{len(want)} series are what {LINES} paths become, through {PIECES} kills', follower.metrics().user(), want)
    follower.server.stop()
    lab.same('dry-run counts the same', Exposition(lab.dry_run(f'--config.file={rules}', log)).samples, want)


run_test(main)
