"""Presets against sample logs: tailmeter has to find what another program's count of them, truth.json, has found.

The rules are two lines: a source and its preset. Without them the preset is recognized, and finds the same.

What is expected of a log is {figure: number}. A figure is 'lines' or 'unmatched', the name of a family for the sum over
its series, or (family, label, value, ...) for the sum over those that have these labels; '' is a label without value."""
import re
from collections import Counter, defaultdict
from decimal import Decimal
from fnmatch import fnmatch

from sample_logs import SAMPLES, by_series, run_samples_test, truth_of

GAUGES = 'mirror_sync_last_success_timestamp_seconds', 'tunasync_mirror_size_bytes'


def labelled(family, label, counts):
    return {(family, label, value): Decimal(count) for value, count in counts.items()}


def grep(truth, pattern):
    """What the pattern finds in the log's lines, where truth.json does not tell it."""
    return re.findall(pattern, truth['log'].read_text(errors='replace'), re.M)


def sum_of(printed, figure):
    if figure in ('lines', 'unmatched'):
        return Decimal(printed[figure])
    family, *labels = (figure,) if isinstance(figure, str) else figure
    wanted = dict(zip(labels[::2], labels[1::2]))
    return sum((Decimal(sample['value']) for sample in printed['metrics'] if sample['name'] == family
                and all(sample['labels'].get(label, '') == value for label, value in wanted.items())), Decimal(0))


def check_way(lab, sentence, printed, want):
    lab.same(f'{sentence} tells what truth.json knows',
             {text: sum_of(printed, figure) for text, (figure, _) in want.items()},
             {text: value for text, (_, value) in want.items()})
    # Values that nobody expects: of codes, of mirrors.
    one_label = [figure for figure, _ in want.values() if isinstance(figure, tuple) and len(figure) == 3]
    for family, label in {figure[:2] for figure in one_label}:
        values = {sample['labels'].get(label, '') for sample in printed['metrics'] if sample['name'] == family}
        lab.check(f'{sentence} has no other {label} in {family}',
                  values == {figure[2] for figure in one_label if figure[:2] == (family, label)}, values)


def check_sample(lab, samples, log, preset, source, expected):
    truth = truth_of(log) | {'log': log}
    want = {'lines': truth['lines'], 'unmatched': 0} | expected(truth)
    want = {str(figure): (figure, Decimal(value)) for figure, value in want.items()}
    rules = lab.write('rules.yml', f'sources:\n  - {{name: {source}, files: [{log}], preset: {preset}}}\n')
    for way, printed in samples.both_ways(log, source.split(',')[0], f'--config.file={rules}'):
        check_way(lab, f'{log.relative_to(SAMPLES).as_posix()}: {preset}, {way},', printed, want)
    check_way(lab, f'{log.relative_to(SAMPLES).as_posix()}, recognized,', lab.dry_run_json(log), want)
    return want, by_series(printed)


def check_one_file(lab, logs, alone):
    """`logs`: the logs of each preset and source; `alone`: the sum of what came of each log."""
    names = Counter(source for _, source in logs)
    rules = 'sources:\n'
    for number, ((preset, source), paths) in enumerate(logs.items()):
        # A source of its own name where the preset has several.
        name, comma, more = source.partition(',')
        name = name if names[source] == 1 and not comma else f'source_{number}'
        rules += f'  - {{name: {name}, files: [{", ".join(map(str, paths))}], preset: {preset}{comma}{more}}}\n'
    paths = [path for group in logs.values() for path in group]
    printed = lab.dry_run_json(f'--config.file={lab.write("all.yml", rules)}', *paths)
    lab.same(f'{len(logs)} sources with presets in one file count what each counts alone', by_series(printed), alone)


def check_samples(lab, samples, cases):
    seen, logs, alone = Counter(), defaultdict(list), Counter()
    for log in sorted(path for path in SAMPLES.rglob('*') if path.is_file()):
        name = log.relative_to(SAMPLES).as_posix()
        case = next((case for pattern, case in cases.items() if fnmatch(name, pattern)), None)
        if case:
            want, figures = check_sample(lab, samples, log, *case)
            seen[case] += 1
            logs[case[:2]].append(log)
            for key, value in figures.items():
                alone[key] = max(alone[key], value) if key.startswith(GAUGES) else alone[key] + value
    check_one_file(lab, logs, alone)
    lab.check('every preset has a sample', len(seen) == len(set(cases.values())), seen)
    lab.sees_an_error_of_one({text: value for text, (_, value) in want.items()})


def run_preset_test(cases):
    """`cases`: {pattern of paths: (preset, source: its name and what else it says, what is expected of a truth)}."""
    run_samples_test(lambda lab, samples: check_samples(lab, samples, cases))
