"""Does each preset for access logs find in sample logs what another program's count of them, truth.json, has found?"""
from collections import Counter
from decimal import Decimal

from preset_samples import grep, labelled, run_preset_test

METHODS = {'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE'}
NO_METHOD = {'<other>', '<empty>', '-'}
REQUESTS, ERRORS, BYTES = 'http_requests_total', 'http_errors_total', 'http_response_bytes_total'
SECONDS, UPSTREAM_SECONDS = 'http_request_duration_seconds', 'http_upstream_duration_seconds'
CACHE = {'HIT': 'cache_hits_total', 'MISS': 'cache_misses_total', 'BYPASS': 'cache_misses_total'}


def label_of(method):
    """A client's own inventions are __other__; what is no request has no method."""
    return '' if method in NO_METHOD else method if method in METHODS else '__other__'


def statuses(counts):
    classes = Counter()
    for status, count in counts.items():
        classes[status[0] + 'xx'] += count
    return {**labelled(REQUESTS, 'status', counts), 'http_5xx_errors_total': classes['5xx'],
            **labelled(ERRORS, 'class', {name: classes[name] for name in ('4xx', '5xx') if classes[name]})}


def methods(counts):
    labels = Counter()
    for method, count in counts.items():
        labels[label_of(method)] += count
    return labelled(REQUESTS, 'method', labels)


def histogram(name, truth):
    return {name + '_count': truth['count'], name + '_sum': Decimal(truth['sum']),
            **labelled(name + '_bucket', 'le', {**truth['le'], '+Inf': truth['count']})}


def cache(counts):
    asked = {status: count for status, count in counts.items() if status not in NO_METHOD}
    totals = Counter()
    for status, count in asked.items():
        totals[CACHE[status]] += count
    return {**totals, **labelled('http_cache_requests_total', 'status', asked)}


def combined(truth):
    pairs = Counter()
    for pair, count in truth['method_status'].items():
        method, status = pair.rsplit(' ', 1)
        pairs[label_of(method), status] += count
    return {**statuses(truth['status']), **methods(truth['method']), BYTES: truth['bytes_sum'],
            **{(REQUESTS, 'method', method, 'status', status): count for (method, status), count in pairs.items()}}


def timing(truth):
    return {**combined(truth), **histogram(SECONDS, truth['request_time']),
            **histogram(UPSTREAM_SECONDS, truth['upstream_response_time']['last_value_only']),
            **labelled('http_upstream_attempts_total', 'status', truth['upstream_status_all_attempts']),
            **cache(truth['cache_status'])}


def cache_log(truth):
    """Here a request that nginx did not understand is "- - -"."""
    return {**statuses(truth['status']), **methods(truth['method_first_word']), BYTES: truth['bytes_sum'],
            **histogram(SECONDS, truth['request_time']), **cache(truth['cache_status']),
            **histogram(UPSTREAM_SECONDS, truth['upstream_response_time']['last_value_only'])}


def found_in_request(counts, label):
    """Of the requests without a method, HTTP/2's preface has one, PRI, and so have two for which nginx keeps none."""
    return methods({**counts, label: counts[label] - 5, 'PRI': 3, 'CONNECT': 2})


def json_log(truth):
    return {**statuses(truth['status']), **found_in_request(truth['request_method'], '<empty>'),
            BYTES: truth['body_bytes_sent_sum'], 'unmatched': truth['invalid_json'],
            **histogram(SECONDS, truth['request_time']), **cache(truth['cache_status']),
            **histogram(UPSTREAM_SECONDS, truth['upstream_response_time']['last_value_only'])}


def ltsv(truth):
    return {**statuses(truth['status']), **found_in_request(truth['method'], '-'), BYTES: truth['size_sum'],
            **histogram(SECONDS, truth['reqtime']), **cache(truth['cache'])}


def registry_cache(truth):
    return {**statuses(truth['status']), **methods(truth['method']), BYTES: truth['bytes_sent_sum'],
            **cache(truth['cache_status']), **labelled('registry_cache_requests_total', 'type', truth['request_type']),
            UPSTREAM_SECONDS + '_count': truth['lines'] - truth['upstream_response_time']['none']}


def caddy(truth):
    return {**statuses(truth['status']), **methods(truth['method']), BYTES: truth['size_sum'],
            SECONDS + '_sum': truth['duration_seconds_sum'], SECONDS + '_count': truth['lines']}


def haproxy(truth):
    out_of_order = {state: count for state, count in truth['termination_state'].items() if state != '----'}
    return {**statuses(truth['status']), BYTES: truth['bytes_sum'],
            SECONDS + '_sum': Decimal(truth['total_time_ms_sum']) / 1000, SECONDS + '_count': truth['lines'],
            **labelled('http_backend_requests_total', 'backend', truth['backend']),
            **labelled('http_terminations_total', 'termination', out_of_order)}


def registry(truth):
    """Each request once, though the access log between the lines has it again."""
    return {**statuses(truth['response_completed_by_status']), **methods(truth['response_completed_by_method']),
            REQUESTS: truth['access_lines'], BYTES: truth['http_response_written_sum'],
            SECONDS + '_sum': truth['http_response_duration_seconds_sum'], SECONDS + '_count': truth['access_lines'],
            'registry_errors_total': truth['response_completed_with_error'], 'unmatched': truth['other_lines']}


def error_log(truth):
    """Of the messages that the truth calls <other> some have a kind here."""
    found = truth['first_matching_message']
    kinds = {('upstream', 'connect_failed'): 'connect() failed', ('upstream', 'timed_out'): 'upstream timed out',
             ('upstream', 'closed_early'): 'upstream prematurely closed', ('client', 'not_found'): 'No such file',
             ('client', 'limit_req'): 'limiting requests', ('client', 'unauthorized'): 'user not found / mismatch',
             ('client', 'too_large'): 'client intended to send too large body'}
    return {**labelled('nginx_error_messages_total', 'level', truth['level']),
            **{(f'nginx_{side}_errors_total', 'kind', kind, 'source', ''): found[message]
               for (side, kind), message in kinds.items()}}


def small_error_log(truth):
    return {**labelled('nginx_error_messages_total', 'level', Counter(grep(truth, r'^\S+ \S+ \[(\w+)\] '))),
            'nginx_upstream_errors_total': 0, 'nginx_client_errors_total': len(grep(truth, r'\[error\]')),
            ('nginx_client_errors_total', 'kind', 'not_found', 'source', ''): len(grep(truth, r'\(2: No such file')),
            'unmatched': 0}


def lines(truth):
    return {REQUESTS: truth['lines']}


CASES = {
    'generated/nginx/access.combined.log': ('nginx', 'nginx', combined),
    'generated/nginx/access.timing.log': ('nginx_timing', 'nginx', timing),
    'generated/nginx/access.json.log': ('nginx_json', 'nginx', json_log),
    'generated/nginx/access.ltsv.log': ('nginx_ltsv', 'nginx', ltsv),
    'generated/nginx/access.mirror.log': ('nginx_cache', 'nginx', cache_log),
    'generated/nginx/syslog.log': ('nginx', 'nginx, prefix: syslog', combined),
    'generated/nginx/error.log': ('nginx_error', 'errors', error_log),
    'generated/apt/nginx.error.log': ('nginx_error', 'errors', small_error_log),
    'generated/apt/nginx.access.log': ('nginx', 'nginx', combined),
    'generated/web/apache.*.log': ('apache', 'apache', combined),
    'generated/web/caddy.access.json.log': ('caddy', 'caddy', caddy),
    'generated/web/haproxy.syslog.log': ('haproxy', 'haproxy', haproxy),
    'generated/registry-cache-nginx/rpardini.tweaked.log': ('registry_cache', 'cache', registry_cache),
    'generated/image-mirror/registry.*.log': ('docker_registry', 'registry', registry),
    'fetched/access/*apache*': ('apache', 'apache', combined),
    'fetched/access/*nginx*': ('nginx', 'nginx', combined),
    'fetched/custom/alp_combined*': ('nginx_timing', 'nginx', lines),
    'fetched/custom/alp_json*': ('nginx_json', 'nginx', lines),
    'fetched/custom/alp_ltsv*': ('nginx_ltsv', 'nginx', lines),
}


run_preset_test(CASES)
