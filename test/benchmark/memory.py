#!/usr/bin/python3
"""How much memory tailmeter takes: memory.py TAILMETER [--check]

Prints what is resident with the rules for a mirror at about 1,000 series, and what each of 100,000 series of two labels
takes above the text of its labels, with a state on disk and after three scrapes: the difference between a run with all of
them and one with ten. With --check ends with 1 if a bar is missed."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'system'))

from lab import Lab  # noqa: E402

MIRROR_BAR_BYTES, SERIES_BAR_BYTES = 12 << 20, 200
SERIES, FEW = 100_000, 10
MIRROR = '''
sources: [{{name: nginx, files: [{log}], start_at: beginning, preset: mirror}}]
metrics:
  - counter: image_requests_total
    source: nginx
    when: {{image: '.+'}}
    labels: {{image: $image}}
'''
PLAIN = '''
sources: [{{name: web, files: [{log}], start_at: beginning, format: '$host $uri $status'}}]
metrics:
  - {{counter: requests_total, source: web, labels: {{host: $host, uri: $uri}}, max_series: {series}}}
'''


def resident(lab, name, rules, lines):
    """Bytes, and how many series there are."""
    log = lab.write(f'{name}.log', ''.join(lines))
    follower = lab.follow(f'--config.file={lab.write(f"{name}.yml", rules.format(log=log, series=SERIES))}',
                          f'--state.dir={lab.dir}/{name}', name=name)
    for _ in range(3):
        samples = follower.metrics()
    follower.server.stop()
    return int(samples['process_resident_memory_bytes']), len(samples.user())


def request(number):
    return (f'192.0.2.{number % 256} - - [21/Nov/2026:18:49:31 +0000] "GET /v2/team/app-{number % 900}/manifests/latest '
            f'HTTP/1.1" {200 if number % 9 else 503} {number} "-" "-" rt=0.{number % 1000:03} urt="0.001" cs=HIT\n')


def pair(number):
    return f'host-{number % 100:03}', f'/path/{number:06}'


def main():
    lab, missed = Lab(), []
    try:
        size, series = resident(lab, 'mirror', MIRROR, map(request, range(20_000)))
        print(f'the rules for a mirror, {series} samples: {size / (1 << 20):.1f} MiB resident (bar: {MIRROR_BAR_BYTES >> 20})')
        missed += ['mirror'] * (size >= MIRROR_BAR_BYTES)
        many, few = (resident(lab, f'plain-{count}', PLAIN, (' '.join((*pair(number), '200\n')) for number in range(count)))
                     for count in (SERIES, FEW))
        text = sum(len('host="",uri=""') + sum(map(len, pair(number))) for number in range(SERIES)) / SERIES
        each = (many[0] - few[0]) / (many[1] - few[1])
        print(f'{SERIES} series of two labels: {each:.0f} bytes each, {each - text:.0f} above the {text:.0f} of its labels '
              f'(bar: {SERIES_BAR_BYTES})')
        missed += ['series'] * (each - text >= SERIES_BAR_BYTES)
    finally:
        lab.end()
    if missed and '--check' in sys.argv:
        sys.exit(f'missed: {", ".join(missed)}')


if len(sys.argv) < 2 or sys.argv[1].startswith('-'):
    sys.exit(__doc__)
main()
