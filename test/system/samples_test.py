"""Do rules as users write them find in sample logs of nginx, httpd, Caddy and registries what another program's count
of them, truth.json, has found?"""
import pathlib
from collections import Counter
from decimal import Decimal

from exposition import series
from sample_logs import SAMPLES, run_samples_test, truth_of

GENERATED = SAMPLES / 'generated'
RULES = pathlib.Path(__file__).resolve().parent / 'samples'
CASES = {'nginx/access.combined.log': 'combined.yml', 'nginx/access.timing.log': 'timing.yml',
         'nginx/access.mirror.log': 'mirror.yml', 'web/apache.combined.log': 'combined.yml',
         'web/apache.common.log': 'common.yml'}
# For lines that name their fields: the rules, and where truth.json has what a metric counts: a sum or a histogram, or, with
# the label's name, a number for each value.
NAMED_CASES = {
    'nginx/access.json.log': ('json.yml', {
        'requests_total status': 'status', 'methods_total method': 'request_method', 'cache_total status': 'cache_status',
        'host_total host': 'host', 'sent_bytes_total': 'bytes_sent_sum', 'body_bytes_total': 'body_bytes_sent_sum',
        'request_seconds': 'request_time', 'upstream_each_seconds': 'upstream_response_time.all_values',
        'upstream_last_seconds': 'upstream_response_time.last_value_only'}),
    'nginx/access.ltsv.log': ('ltsv.yml', {
        'requests_total status': 'status', 'methods_total method': 'method', 'cache_total status': 'cache',
        'body_bytes_total': 'size_sum', 'request_seconds': 'reqtime'}),
    'web/caddy.access.json.log': ('caddy.yml', {
        'requests_total status': 'status', 'methods_total method': 'method', 'body_bytes_total': 'size_sum',
        'seconds_total': 'duration_seconds_sum'}),
    'registry-cache-nginx/rpardini.tweaked.log': ('registry_cache.yml', {
        'requests_total status': 'status', 'methods_total method': 'method', 'cache_total status': 'cache_status',
        'types_total type': 'request_type', 'sent_bytes_total': 'bytes_sent_sum',
        'upstream_each_seconds': 'upstream_response_time.all_values'}),
    'image-mirror/registry.mirror.log': ('registry.yml', {
        'lines_by_level_total level': 'level', 'requests_total status': 'response_completed_by_status',
        'methods_total method': 'response_completed_by_method', 'body_bytes_total': 'http_response_written_sum',
        'seconds_total': 'http_response_duration_seconds_sum', 'access_requests_total status': 'access_status',
        'access_bytes_total': 'access_bytes_sum'}),
}


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


def expected_of_named(truth, metrics):
    invalid = truth.get('invalid_json', truth.get('invalid', 0))
    figures = {'lines': truth['lines'], 'matched': truth['lines'] - invalid, 'unmatched': invalid, 'oversize': 0}
    for metric, where in metrics.items():
        name, _, label = metric.partition(' ')
        known = truth
        for key in where.split('.'):
            known = known[key]
        if label:
            figures |= {series(name, **{label: value}): Decimal(count) for value, count in known.items()}
        elif isinstance(known, dict):
            figures |= expected_histogram(name, known)
        else:
            figures[name] = Decimal(known)
    return figures


def found_of_named(printed):
    figures = {key: printed[key] for key in ('lines', 'matched', 'unmatched', 'oversize')}
    return figures | {series(metric['name'], **metric['labels']): Decimal(metric['value']) for metric in printed['metrics']}


def figures_of(printed, truth, metrics):
    if metrics:
        return found_of_named(printed)
    figures = found(printed)
    if truth['grammar'] == 'mirror':                                # truth.json has no such pairs by first word
        figures = {key: value for key, value in figures.items() if not key.startswith('method and status ')}
    return figures


def check_sample(lab, samples, name, rules, metrics):
    log = GENERATED / name
    truth = truth_of(log)
    want = expected_of_named(truth, metrics) if metrics else expected(truth)
    words = f'--config.file={RULES / rules}', '--source=sample'
    for way, printed in samples.both_ways(log, 'sample', *words):
        lab.same(f'{name}, {way}: all is as truth.json says', figures_of(printed, truth, metrics), want)

    data = log.read_bytes()
    if not metrics:
        crlf = lab.write('crlf.log', data.replace(b'\n', b'\r\n'))
        unix, dos = lab.dry_run_json(*words, log), lab.dry_run_json(*words, crlf)
        lab.check(f'{name}: with CRLF at the line ends the same comes out', unix == dos)
    cut = lab.write('cut.log', data[:data.rindex(b'\n', 0, -1) + 1])
    lab.refuses(f'{name} without its last line', figures_of(lab.dry_run_json(*words, cut), truth, metrics) != want)
    lab.sees_an_error_of_one(want)


def main(lab, samples):
    cases = {name: (rules, None) for name, rules in CASES.items()} | NAMED_CASES
    for name, (rules, metrics) in cases.items():
        lab.check(f'{rules} is right', lab.run(lab.tailmeter, 'check', RULES / rules).returncode == 0,
                  lab.run(lab.tailmeter, 'check', RULES / rules).stderr)
        check_sample(lab, samples, name, rules, metrics)


run_samples_test(main)
