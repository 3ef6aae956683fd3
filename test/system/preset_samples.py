"""Presets against sample logs: dry-run has to find what another program's count of them, truth.json, has found.

The samples lie beside the repository and are no part of it. The rules are two lines: a source and its preset.

What is expected of a log is {figure: number}. A figure is 'lines' or 'unmatched', the name of a family for the sum over
its series, or (family, label, value, ...) for the sum over those that have these labels; '' is a label without value."""
import json
import sys
from collections import Counter
from decimal import Decimal
from fnmatch import fnmatch

from lab import ROOT, SKIPPED

SAMPLES = ROOT.parent / 'shared/samples'


def labelled(family, label, counts):
    return {(family, label, value): Decimal(count) for value, count in counts.items()}


def sum_of(printed, figure):
    if figure in ('lines', 'unmatched'):
        return Decimal(printed[figure])
    family, *labels = (figure,) if isinstance(figure, str) else figure
    wanted = dict(zip(labels[::2], labels[1::2]))
    return sum((Decimal(sample['value']) for sample in printed['metrics'] if sample['name'] == family
                and all(sample['labels'].get(label, '') == value for label, value in wanted.items())), Decimal(0))


def check_sample(lab, log, preset, source, expected):
    name = log.relative_to(SAMPLES).as_posix()
    truth = json.loads((log.parent / 'truth.json').read_text())[log.name]
    want = {'lines': truth['lines'], 'unmatched': 0} | expected(truth)
    want = {str(figure): (figure, Decimal(value)) for figure, value in want.items()}
    rules = lab.write('rules.yml', f'sources:\n  - {{name: {source}, files: [{log}], preset: {preset}}}\n')
    printed = lab.dry_run_json(f'--config.file={rules}', log)
    lab.same(f'{name}: {preset} tells what truth.json knows',
             {text: sum_of(printed, figure) for text, (figure, _) in want.items()},
             {text: value for text, (_, value) in want.items()})
    # Values that nobody expects: of codes, of mirrors.
    one_label = [figure for figure, _ in want.values() if isinstance(figure, tuple) and len(figure) == 3]
    for family, label in {figure[:2] for figure in one_label}:
        values = {sample['labels'].get(label, '') for sample in printed['metrics'] if sample['name'] == family}
        lab.check(f'{name}: no other {label} in {family}',
                  values == {figure[2] for figure in one_label if figure[:2] == (family, label)}, values)
    return want


def check_samples(lab, cases):
    """`cases`: {pattern of paths: (preset, source: its name and what else it says, what is expected of a truth)}."""
    if not SAMPLES.is_dir():
        print('skipped: the sample logs are not here')
        sys.exit(SKIPPED)
    seen = Counter()
    for log in sorted(path for path in SAMPLES.rglob('*') if path.is_file()):
        name = log.relative_to(SAMPLES).as_posix()
        case = next((case for pattern, case in cases.items() if fnmatch(name, pattern)), None)
        if case:
            want = check_sample(lab, log, *case)
            seen[case] += 1
    lab.check('every preset has a sample', len(seen) == len(set(cases.values())), seen)
    lab.sees_an_error_of_one({text: value for text, (_, value) in want.items()})
