"""Does `tailmeter check` warn of just those names that `promtool check metrics` refuses?"""
import re

from lab import ROOT, run_test

UNITS = ('amperes bytes celsius grams joules kelvin meters metres seconds volts minutes hours days weeks kelvins '
         'fahrenheit rankine inches yards miles bits calories pounds ounces percent thermometers kilometers exabytes '
         'picoseconds nanoseconds microseconds milliseconds centimeters decimeters decagrams hectometers kilobytes '
         'kibibytes megabytes mibibytes mebibytes gigabytes gibibits terabytes tebibytes petabytes pebibytes Milliseconds '
         's ms us ns sec b kb mb gb tb pb m h d S Ms msec kib usec min minute byte counter gauge summary histogram '
         'untyped Gauge counters requestTime request_timeMs bucket count sum total sums').split()
ENDS = 'counter gauge histogram summary bucket count sum days s'.split()
KINDS = {
    'counter': '{{counter: {}_total}}',
    'gauge': '{{gauge: {}, value: $body_bytes_sent}}',
    'histogram': '{{histogram: {}, value: $body_bytes_sent}}',
    'summary': '{{summary: {}, value: $body_bytes_sent}}',
    'topk': '{{topk: {}, labels: {{status: $status}}}}',
    'distinct': '{{distinct: {}_total, of: $remote_addr}}',
    'distinct in a window': '{{distinct: {}, of: $remote_addr, window: 1h}}',
    'ratio': '{{ratio: {}, hit: {{status: 200}}}}',
    'duration': '{{duration: {}, start: {{status: 200}}, end: {{status: 201}}, key: $remote_addr}}',
}
LOG = ''.join(f'192.0.2.1 - - [21/Nov/2026:18:49:3{second} +0000] "GET / HTTP/1.1" {status} 7\n'
              for second, status in enumerate([200, 201]))
IN_ONE_FILE = 6          # of 20 warnings that are shown


def metrics():
    """Pairs of a name, and the metric of this name."""
    for unit in UNITS:
        yield f'work_{unit}', KINDS['gauge'].format(f'work_{unit}')
        yield f'{unit}_left', KINDS['gauge'].format(f'{unit}_left')
        yield f'work_{unit}_left_total', KINDS['counter'].format(f'work_{unit}_left')
    for number, (kind, metric) in enumerate(KINDS.items()):
        for end in ENDS + ([] if '_total' in metric else ['total']):
            name = f'k{number}_{end}'
            yield name + ('_total' if '_total' in metric else ''), metric.format(name)
    for label in 'fine', 'notFine', 'UPPER', 'oneTWO':
        name = f'labels_{label.lower()}_total'
        yield name, f'{{counter: {name}, labels: {{{label}: $status}}}}'


def verdicts(lab, entries, log):
    """The names that promtool refuses, those that check warns of, and those that dry-run showed."""
    rules = lab.write('names.yml', 'sources: [{name: web, files: [a.log], format: common}]\nmetrics:\n' +
                      ''.join(f'  - {metric[:-1]}, help: Help.}}\n' for _, metric in entries))
    text = lab.dry_run(f'--config.file={rules}', log)
    refused = lab.run('promtool', 'check', 'metrics', stdin=text)
    if 'error while linting' in refused.stderr:
        raise RuntimeError(refused.stderr)
    checked = lab.run(lab.tailmeter, 'check', rules)
    if checked.returncode != 0:
        raise RuntimeError(checked.stderr)
    warned = re.findall(r'warning: metrics\[\d+\] "(\w+)": (?:labels\.\w+: )?promtool', checked.stderr)
    names = {name for name, _ in entries}              # a topk writes another beside its own
    return ({line.split()[0] for line in refused.stderr.splitlines()} & names, set(warned),
            set(re.findall(r'^# TYPE (\S+)', text, re.M)))


def main(lab):
    log = lab.write('access.log', LOG)
    every = list(metrics())
    refused, warned, shown = set(), set(), set()
    for begin in range(0, len(every), IN_ONE_FILE):
        for total, more in zip((refused, warned, shown), verdicts(lab, every[begin:begin + IN_ONE_FILE], log)):
            total |= more
    lab.check(f'all of the {len(every)} names were shown to promtool', {name for name, _ in every} <= shown,
              sorted({name for name, _ in every} - shown))
    lab.check(f'check warns of the names that promtool refuses, {len(refused)}, and of no other', refused and warned == refused,
              f'only promtool: {sorted(refused - warned)}\nonly check: {sorted(warned - refused)}')
    for preset in sorted((ROOT / 'rules/presets').glob('*.yml')):
        done = lab.run(lab.tailmeter, 'check', preset)
        lab.check(f'check has nothing to warn of in {preset.name}', done.returncode == 0 and 'warning:' not in done.stderr, done)


run_test(main, needs=['promtool'])
