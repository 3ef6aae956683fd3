"""What the tests of sample logs share: where the samples lie, beside the repository and no part of it; what another
program has counted in them, truth.json; and the two ways in which tailmeter counts them.

    TEST [TAILMETER] [--seed=N]      the seed chooses at which moments a log is rotated, and when tailmeter is killed"""
import argparse
import json
import sys
from decimal import Decimal

from exposition import series
from lab import ROOT, SKIPPED, run_test
from replay import replay

SAMPLES = ROOT.parent / 'shared/samples'


def truth_of(log):
    return json.loads((log.parent / 'truth.json').read_text())[log.name]


def by_series(printed):
    return {series(sample['name'], **sample['labels']): Decimal(sample['value']) for sample in printed['metrics']}


class SampleLogs:
    def __init__(self, lab, seed):
        self.lab, self.seed = lab, seed

    def both_ways(self, log, source, *words):
        """What comes of the log with these arguments, by dry-run and followed while it is written, each way with its name."""
        dry_run = self.lab.dry_run_json(*words, log)
        live = replay(self.lab, words, log, source, self.seed)
        self.lab.same(f'{log.name}: live comes what comes of dry-run', by_series(live), by_series(dry_run))
        yield 'dry-run', dry_run
        yield f'live, seed {self.seed}', live


def run_samples_test(main):
    """Runs main(Lab, SampleLogs), unless there are no samples."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument('tailmeter', nargs='?')
    arguments.add_argument('--seed', type=int, default=1)
    options = arguments.parse_args()
    sys.argv[1:] = [options.tailmeter] if options.tailmeter else []
    if not SAMPLES.is_dir():
        print('skipped: the sample logs are not here')
        sys.exit(SKIPPED)
    run_test(lambda lab: main(lab, SampleLogs(lab, options.seed)))
