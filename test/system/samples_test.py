"""Does dry-run find in sample logs of nginx and httpd what another program's count of them, truth.json, has found?

The samples lie beside the repository and are no part of it."""
import json
import pathlib
import sys
from collections import Counter
from decimal import Decimal

from lab import ROOT, SKIPPED, run_test
from exposition import series

SAMPLES = ROOT.parent / 'shared/samples/generated'
RULES = pathlib.Path(__file__).resolve().parent / 'samples'
CASES = {'nginx/access.combined.log': 'combined.yml', 'nginx/access.timing.log': 'timing.yml',
         'nginx/access.mirror.log': 'mirror.yml', 'web/apache.combined.log': 'combined.yml',
         'web/apache.common.log': 'common.yml'}


def expected_histogram(name, truth):
    buckets = {**truth['le'], '+Inf': truth['count']}
    return {**{series(name + '_bucket', le=bound): Decimal(count) for bound, count in buckets.items()},
            name + '_count': Decimal(truth['count']), name + '_sum': Decimal(truth['sum'])}


def expected(truth):
    """What the rules in samples/ make of the log, as truth.json knows it."""
    figures = {'lines': truth['lines'], 'matched': truth['matched'], 'unmatched': truth['unmatched'], 'oversize': 0,
               'sent_bytes_total': Decimal(truth['bytes_sum'])}
    figures |= {f'status {status}': count for status, count in truth['status'].items()}
    if truth['grammar'] == 'mirror':
        # Words that are no method, "-" for a request that nginx did not understand, are no value here.
        words = {word: count for word, count in truth['method_first_word'].items() if word != '-'}
        figures |= {f'method {word}': count for word, count in words.items()}
        figures['method <other>'] = truth['lines'] - sum(words.values())
        figures |= {f'regular method and status {pair}': count for pair, count in truth['method_status'].items()
                    if not pair.startswith('<other> ')}
    else:
        figures |= {f'method {method}': count for method, count in truth['method'].items()}
        figures |= {f'method and status {pair}': count for pair, count in truth['method_status'].items()}
    figures |= {series('users_total', user=user): Decimal(count) for user, count in truth['remote_user'].items()}
    if truth['bytes_dash']:
        figures['lines_with_bytes_total'] = Decimal(truth['lines'] - truth['bytes_dash'])
    if 'request_time' in truth:
        figures |= expected_histogram('request_seconds', truth['request_time'])
        figures |= expected_histogram('upstream_each_seconds', truth['upstream_response_time']['all_values'])
        figures |= expected_histogram('upstream_last_seconds', truth['upstream_response_time']['last_value_only'])
        statuses = truth['cache_status']
        figures |= {series('cache_total', status=status): Decimal(count) for status, count in statuses.items()}
        figures |= {series('host_total', host=host): Decimal(count) for host, count in truth['host'].items()}
    return figures


def found(printed):
    """The same figures from what `dry-run --format=json` prints."""
    figures = {key: printed[key] for key in ('lines', 'matched', 'unmatched', 'oversize')}
    sums = Counter()
    for metric in printed['metrics']:
        name, labels, value = metric['name'], metric['labels'], Decimal(metric['value'])
        if name in ('requests_total', 'regular_requests_total'):
            method = labels.get('method', '<other>')
            if name == 'requests_total':
                sums[f'status {labels["status"]}'] += int(value)
                sums[f'method {method}'] += int(value)
            kind = 'method and status' if name == 'requests_total' else 'regular method and status'
            sums[f'{kind} {method} {labels["status"]}'] += int(value)
        else:
            figures[series(name, **labels)] = value
    return figures | sums


def check_sample(lab, name, rules, truth):
    want = expected(truth)
    words = f'--config.file={RULES / rules}', '--source=sample'
    got = found(lab.dry_run_json(*words, SAMPLES / name))
    if truth['grammar'] == 'mirror':                                # truth.json has no such pairs by first word
        got = {key: value for key, value in got.items() if not key.startswith('method and status ')}
    lab.same(f'{name}: all is as truth.json says', got, want)

    log = (SAMPLES / name).read_bytes()
    crlf = lab.write('crlf.log', log.replace(b'\n', b'\r\n'))
    unix, dos = lab.dry_run_json(*words, SAMPLES / name), lab.dry_run_json(*words, crlf)
    lab.check(f'{name}: with CRLF at the line ends the same comes out', unix == dos)

    cut = lab.write('cut.log', log[:log.rindex(b'\n', 0, -1) + 1])
    lab.refuses(f'{name} without its last line', found(lab.dry_run_json(*words, cut)) != got)
    lab.sees_an_error_of_one(want)


def main(lab):
    if not SAMPLES.is_dir():
        print('skipped: the sample logs are not here')
        sys.exit(SKIPPED)
    for name, rules in CASES.items():
        truth = json.loads((SAMPLES / name).with_name('truth.json').read_text())[pathlib.Path(name).name]
        lab.check(f'{rules} is right', lab.run(lab.tailmeter, 'check', RULES / rules).returncode == 0,
                  lab.run(lab.tailmeter, 'check', RULES / rules).stderr)
        check_sample(lab, name, rules, truth)


run_test(main)
