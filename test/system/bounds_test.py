"""Does memory stay where it is while clients make up ever new URLs, and does every line still count?"""
import itertools
import random

from exposition import series
from lab import run_test

LINES, KNOWN, MAX_SERIES = 1_000_000, 100, 1_000
CHUNK, SOME = 100_000, 5                   # one line in five asks for what is known
GROWTH_BYTES, MIRROR_BYTES = 2 << 20, 12 << 20
LONG_BYTES, LONG_CHUNKS = 40_000_000, 40   # of lines with long URLs, of each length
RULES = f'''
sources:
  - name: web
    files: [{{log}}]
    start_at: beginning
    format: '$remote_addr $status $uri'
metrics:
  - counter: requests_total
    labels: {{{{uri: $uri}}}}
    max_series: {MAX_SERIES}
  - topk: top_uris
    labels: {{{{uri: $uri}}}}
    max_series: {MAX_SERIES}
  - distinct: uris_total
    of: $uri
'''
IMAGES = 450
MIRROR = 'sources:\n  - name: nginx\n    files: [{log}]\n    start_at: beginning\n    preset: mirror\n'
MIRROR_METRIC = '''
metrics:
  - counter: image_requests_total
    source: nginx
    when: {image: '.+'}
    labels: {image: $image}
'''


def resident(follower):
    return int(follower.metrics().samples['process_resident_memory_bytes'])


def check_made_up(lab):
    log = lab.folder('log') / 'web.log'
    known = [f'/known/{number}' for number in range(KNOWN)]
    log.write_text(''.join(f'192.0.2.1 200 {uri}\n' for uri in known))
    rules = lab.write('rules.yml', RULES.format(log=log))
    follower = lab.follow(f'--config.file={rules}')
    rng = random.Random(7)
    made_up = (f'/{rng.getrandbits(128):032x}/{number}' for number in itertools.count())
    counts = dict.fromkeys(known, 1)
    sizes = []
    for _ in range(LINES // CHUNK):
        with log.open('a') as file:
            for number in range(CHUNK):
                uri = rng.choice(known) if number % SOME == 0 else next(made_up)
                if uri in counts:
                    counts[uri] += 1
                file.write(f'192.0.2.1 200 {uri}\n')
        sizes.append(resident(follower))
    samples = follower.metrics().samples
    requests = {key: value for key, value in samples.items() if key.startswith('requests_total{')}
    lab.same('series that are known go on counting', {uri: requests.get(series('requests_total', uri=uri)) for uri in known},
             counts)
    lab.same('there are no more than were asked for, and the one for all others; their sum is the number of lines',
             {'series': len(requests), 'sum': sum(requests.values())}, {'series': MAX_SERIES + 1, 'sum': LINES + KNOWN})
    lab.same('what was put together is counted', {'overflow': samples[
        series('tailmeter_series_overflow_total', metric='requests_total')]}, {
            'overflow': requests[series('requests_total', uri='__other__')]})
    top = {key: value for key, value in samples.items() if key.startswith('top_uris{')}
    lab.check('of the most asked for, the known ones are found among a million others',
              top and all(key.startswith('top_uris{uri="/known/') for key in top), top)
    distinct = len(counts) + LINES - LINES // SOME
    lab.check(f'{distinct} URLs are counted within 2.5 %', abs(int(samples['uris_total']) - distinct) <= 0.025 * distinct,
              samples['uris_total'])
    growth = max(sizes[1:]) - min(sizes[1:])
    lab.check(f'memory is flat from the second {CHUNK} lines to the last ({sizes[1] >> 10} KiB, then {growth >> 10} KiB more)',
              growth <= GROWTH_BYTES, sizes)
    follower.server.stop()


def check_long(lab, length):
    log = lab.folder('long') / f'{length}.log'
    log.touch()
    rules = lab.write('long.yml', RULES.format(log=log))
    follower = lab.follow(f'--config.file={rules}', f'--state.dir={lab.dir}/long-{length}', name=f'long-{length}')
    rng = random.Random(length)
    lines = LONG_BYTES // length // LONG_CHUNKS * LONG_CHUNKS
    sizes = []
    for _ in range(LONG_CHUNKS):
        with log.open('a') as file:
            for _ in range(lines // LONG_CHUNKS):
                uri = f'/{rng.getrandbits(128):032x}/'
                file.write(f'192.0.2.1 200 {uri:x<{length}}\n')
        sizes.append(resident(follower))
    requests = [value for key, value in follower.metrics().samples.items() if key.startswith('requests_total{')]
    lab.same(f'of URLs of {length} bytes each line counts, in no more series than were asked for',
             {'series': len(requests), 'sum': sum(requests)}, {'series': MAX_SERIES + 1, 'sum': lines})
    steady = sizes[LONG_CHUNKS // 4:]
    lab.check(f'memory is flat among {lines} of them ({min(steady) >> 10} KiB, then {(max(steady) - min(steady)) >> 10} KiB more)',
              max(steady) - min(steady) <= GROWTH_BYTES, sizes)
    follower.server.stop()


def check_mirror(lab):
    log = lab.folder('mirror') / 'access.log'
    rng = random.Random(3)
    with log.open('w') as file:
        for number in range(20_000):
            image = f'team/app-{number % IMAGES}'
            file.write(f'192.0.2.{rng.randrange(256)} - - [21/Nov/2026:18:49:31 +0000] "GET /v2/{image}/manifests/latest '
                       f'HTTP/1.1" {rng.choice((200, 404, 503))} {rng.randrange(9999)} "-" "-" rt={rng.random():.3f} '
                       f'urt="0.001" cs=HIT\n')
    rules = lab.write('mirror.yml', MIRROR.format(log=log) + MIRROR_METRIC)
    follower = lab.follow(f'--config.file={rules}', '--state.dir=' + str(lab.dir / 'mirror-state'))
    follower.text()
    size, count = resident(follower), len(follower.metrics().user())
    lab.check(f'the rules for a mirror with {count} samples take {size >> 10} KiB', size < MIRROR_BYTES and count >= 500, size)
    follower.server.stop()


def main(lab):
    check_made_up(lab)
    for length in (950, 8_000):
        check_long(lab, length)
    check_mirror(lab)


run_test(main)
