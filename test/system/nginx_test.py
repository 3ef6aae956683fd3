"""Does tailmeter count what a real nginx logs, each line and each figure, as an independent count does?"""
import re

from lab import PRESET, ROOT, fetch, path_of, run_test
from exposition import Exposition
from nginx import Nginx, has_ipv6, log_format
import nginx_oracle as oracle
import nginx_traffic as traffic

EXAMPLE = ROOT / 'examples/monitoring/nginx/mirror.conf'
NGINX_HTTP = '''
  {mirror_format}
  log_format timing '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
                    '"$http_referer" "$http_user_agent" '
                    'rt=$request_time uct=$upstream_connect_time uht=$upstream_header_time urt=$upstream_response_time '
                    'cs=$upstream_cache_status ua=$upstream_addr us=$upstream_status';
  log_format sent '$status $body_bytes_sent $request_method "$uri"';
  proxy_cache_path {cache} levels=1:2 keys_zone=mirror:4m use_temp_path=off;
  proxy_next_upstream error timeout;
  upstream retry {{ server {dead} max_fails=0; server {live} backup; }}
  upstream late_retry {{ server {late} max_fails=0; server {live} backup; }}
  upstream both_dead {{ server {dead} max_fails=0; server {dead_too} max_fails=0; }}
  server {{
    listen 127.0.0.1:{port};
    listen unix:{socket};
    {more_listens}
    access_log {dir}/log/access.log mirror;
    access_log {dir}/log/timing.log timing;
    access_log {dir}/log/sent.log sent;
    error_log {dir}/log/warnings.log warn;
    access_log syslog:server=unix:{dir}/unix.sock,nohostname sent;
    access_log syslog:server=127.0.0.1:{syslog_port},tag=web sent;
    client_max_body_size 64k;
    client_header_timeout 1s;
    client_body_timeout 1s;
    location / {{ proxy_pass http://{live}; }}
    location ~ ^/(v2|expiring|renewed|tagged)/ {{
      proxy_pass http://{live};
      proxy_cache mirror;
      proxy_cache_bypass $arg_bypass;
      proxy_cache_valid 200 10m;
      proxy_cache_revalidate on;
      proxy_cache_use_stale http_500;
      add_header X-Cache $upstream_cache_status;
    }}
    location /dead/ {{ proxy_pass http://{dead}; }}
    location /retry/ {{ proxy_pass http://retry; }}
    location /both-dead/ {{ proxy_pass http://both_dead; }}
    location /late/ {{ proxy_pass http://{late}; proxy_read_timeout 100ms; }}
    location /late-retry/ {{ proxy_pass http://late_retry; proxy_read_timeout 100ms; }}
  }}
'''
RULES = '''
sources:
  - name: timing
    files: [{dir}/log/timing.log]
    format: '{format}'
metrics:
  - counter: upstream_requests_total
    labels: {{cache: $upstream_cache_status, upstream_status: $upstream_status, upstream: $upstream_addr}}
  - counter: users_total
    labels: {{user: $remote_user}}
  - counter: agents_total
    when: {{http_user_agent: '.{{1,60}}'}}
    labels: {{agent: $http_user_agent}}
'''
# What precedes a line in a datagram is allowed, and nothing else that is not in the file.
SENT_RULES = '''
sources:
  - {{name: file, files: [{dir}/log/sent.log], format: {{regex: &}}}}
  - {{name: unix, syslog: 'unix:{dir}/unix.sock', format: {{regex: &}}}}
  - {{name: udp, syslog: 'udp://127.0.0.1:{port}', format: {{regex: &}}}}
metrics:
  - counter: sent_total
    labels: {{source: $source, method: $method, status: $status}}
  - counter: sent_bytes_total
    value: $bytes
    labels: {{source: $source}}
'''.replace('&', "'" + r'^(?:<190>\w+ +\d+ [\d:]+ (?:\S+ )?(?:nginx|web): )?' +
            r'(?P<status>\d{{3}}) (?P<bytes>\d+) (?P<method>\S+) ".*"$' + "'")
HISTOGRAM = '''
  - histogram: {name}_{pick}_seconds
    value: {{from: ${field}, list: {pick}}}
    buckets: latency
'''
HISTOGRAMS = [('upstream', 'upstream_response_time', pick) for pick in ('each', 'first', 'last', 'sum', 'max')] + \
             [('connect', 'upstream_connect_time', 'each'), ('header', 'upstream_header_time', 'each')]


def has_http2():
    return path_of('openssl') and path_of('curl')


def statement(text, name):
    return re.search(rf'log_format {name}[^;]*;', text)[0]


def tls_listen(lab, port):
    """A port that speaks HTTP/2 in TLS."""
    lab.run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost', '-days', '1',
            '-keyout', lab.dir / 'tls.key', '-out', lab.dir / 'tls.crt')
    lab.give_away(lab.dir / 'tls.key')
    return (f'listen 127.0.0.1:{port} ssl http2;'
            f'ssl_certificate {lab.dir}/tls.crt; ssl_certificate_key {lab.dir}/tls.key;')


class Site:
    """nginx in front of upstreams of which one is well, one late and two dead."""

    def __init__(self, lab):
        self.lab = lab
        self.address = ('127.0.0.1', lab.free_port())
        self.socket = lab.dir / 'nginx.sock'
        self.syslog_port = lab.free_port()
        self.upstream, self.late = traffic.Upstream(), traffic.Upstream(seconds_to_answer=0.5)
        self.tls_port = lab.free_port() if has_http2() else None
        more = [f'listen [::1]:{self.address[1]};'] if has_ipv6() else []
        more += [tls_listen(lab, self.tls_port)] if self.tls_port else []
        lab.folder('log')
        self.http = NGINX_HTTP.format(
            mirror_format=statement(EXAMPLE.read_text(), 'mirror'), dir=lab.dir, cache=lab.folder('cache'),
            port=self.address[1], socket=self.socket, syslog_port=self.syslog_port, more_listens='\n    '.join(more),
            live=self.upstream.address, late=self.late.address,
            dead=f'127.0.0.1:{lab.free_port()}', dead_too=f'127.0.0.1:{lab.free_port()}')
        self.nginx = Nginx(lab, self.http)

    def be_visited(self):
        traffic.every_kind(self.address)
        traffic.every_failure(self.address, self.upstream)
        traffic.every_cache_status(self.address)
        traffic.concurrent_clients(self.address)
        for other in [self.socket] + ([('::1', self.address[1])] if has_ipv6() else []):
            for number in range(5):
                fetch(other, f'/v2/a/b/manifests/{number}')
        if self.tls_port:
            pages = f'https://127.0.0.1:{self.tls_port}/v2/a/b/blobs/[1-5]'
            for method in 'GET', 'PUT', 'DELETE':
                self.lab.run('curl', '-ks', '--http2', '-X', method, pages)
        self.nginx.wait_until_idle()

    def close(self):
        self.upstream.close()
        self.late.close()


def check_one_format(lab):
    preset = PRESET.read_text()
    commented = log_format(re.sub(r'(?m)^#', '', preset), 'mirror')
    lab.check('the log_format that the preset tells nginx to have is the one that it reads',
              f"'{commented}'" in preset, commented)
    lab.check('and the one of the example for nginx', commented == log_format(EXAMPLE.read_text(), 'mirror'))


def check_variety(lab, lines, log):
    caches = {line['cache'].decode() for line in lines}
    expected = {'HIT', 'MISS', 'BYPASS', 'STALE', 'EXPIRED', 'REVALIDATED', '-'}
    lab.check(f'the log has every status of the cache: {" ".join(sorted(expected))}', caches >= expected, caches)
    statuses = {line['status'].decode() for line in lines}
    expected = {'200', '304', '400', '404', '405', '408', '413', '414', '499', '502', '504', '009'}
    lab.check(f'the log has many a status: {" ".join(sorted(expected))}', statuses >= expected, expected - statuses)
    for what, is_possible, pattern in (
            ('a retry', True, rb'us=502, 200'),
            ('a retry after a time-out', True, rb'urt=0\.1\d\d, 0'),
            ('an internal redirect', True, rb'urt=[^,]* : '),
            ('HTTP/0.9', True, rb'"GET /old" \d'),
            ('HTTP/2', has_http2(), rb'HTTP/2\.0'),
            ('TLS on the wrong port', True, rb'"\\x16\\x03'),
            ('a unix socket', True, rb'(?m)^unix: '),
            ('an IPv6 address', has_ipv6(), rb'(?m)^::1 '),
            ('a user with blanks', True, rb' - bob of the \[tower\] \['),
            ('an escaped quote', True, rb'\\x22')):
        lab.check(f'the log has {what}' + ', which this machine cannot give' * (not is_possible),
                  not is_possible or re.search(pattern, log))


def check_source(lab, follower, log, name, pattern, figures_of, dry_run_words):
    lines, oversize = oracle.lines_of(log, pattern)
    want = figures_of(lines)
    scraped = follower.metrics()
    families = {re.sub('_(bucket|sum|count)$', '', key.split('{')[0]) for key in want}
    lab.same(f'{name}: a scrape says what an independent count of {len(lines)} lines says', scraped.of(*families), want)
    outcomes = {f'tailmeter_lines_total{{outcome="{outcome}",source="{name}"}}': count
                for outcome, count in (('matched', len(lines)), ('unmatched', 0), ('oversize', oversize))}
    lab.same(f'{name}: every line is accounted for, {oversize} of them longer than the limit',
             {key: scraped.samples.get(key) for key in outcomes}, outcomes)
    counted_bytes = scraped.samples.get(f'tailmeter_bytes_total{{source="{name}"}}')
    lab.check(f'{name}: and every byte', counted_bytes == len(log), counted_bytes)
    lab.check(f'{name}: there was a line longer than the limit', oversize == 1, oversize)
    lab.same(f'{name}: dry-run on the same file says what the scrape says',
             Exposition(lab.dry_run(*dry_run_words)).samples, scraped.user())

    lab.sees_an_error_of_one(want)
    lab.refuses(f'a count of {name} without the last line', figures_of(lines[:-1]) != want)
    return lines


def check_syslog(lab, follower):
    """The same lines by three ways: a file, a unix socket, UDP."""
    scraped = follower.metrics()
    figures = {name: {key.replace(f'"{name}"', '""'): count for key, count in scraped.user().items() if f'"{name}"' in key}
               for name in ('file', 'unix', 'udp')}
    lines = {name: scraped.samples[f'tailmeter_lines_total{{outcome="matched",source="{name}"}}'] for name in figures}
    lab.check('the file has lines of many kinds', len(figures['file']) > 20, figures)
    # nginx does not wait where a queue is full (unix(7): net.unix.max_dgram_qlen), and says so.
    refused = (lab.dir / 'log/warnings.log').read_text().count('send() to syslog failed')
    dropped = sum(scraped.of('tailmeter_dropped_datagrams_total').values())
    lab.check(f'every line came by each socket, but for {refused} that nginx could not send and {dropped} dropped',
              lines['unix'] + lines['udp'] + refused + dropped == 2 * lines['file'], lines)
    for name in 'unix', 'udp':
        if lines[name] == lines['file']:
            lab.same(f'what nginx sends by {name} counts as what it writes to a file', figures[name], figures['file'])
    unmatched = [scraped.samples[f'tailmeter_lines_total{{outcome="unmatched",source="{name}"}}'] for name in figures]
    lab.check('no line is unmatched', unmatched == [0, 0, 0], unmatched)
    infos = {key: 1 for key in scraped.samples if key.startswith('tailmeter_source_info')}
    lab.same('each source says how often its lines count', infos, {
        f'tailmeter_source_info{{delivery="{delivery}",source="{name}"}}': 1
        for name, delivery in (('file', 'exactly_once'), ('unix', 'at_most_once'), ('udp', 'at_most_once'))})
    lab.sees_an_error_of_one(figures['file'])


def main(lab):
    check_one_format(lab)
    site = Site(lab)
    access, timing = lab.dir / 'log/access.log', lab.dir / 'log/timing.log'
    rules = RULES.format(dir=lab.dir, format=log_format(site.http, 'timing')) + ''.join(
        HISTOGRAM.format(name=name, field=field, pick=pick) for name, field, pick in HISTOGRAMS)
    rule_file = lab.write('timing.yml', rules)
    preset_words = f'--config.file={PRESET}', '--source=nginx', access
    mirror = lab.follow(*preset_words, name='mirror')
    upstreams = lab.follow(f'--config.file={rule_file}', name='upstreams')
    sent_file = lab.write('sent.yml', SENT_RULES.format(dir=lab.dir, port=site.syslog_port))
    sent = lab.follow(f'--config.file={sent_file}', name='sent')
    site.be_visited()

    check_syslog(lab, sent)
    lines = check_source(lab, mirror, access.read_bytes(), 'nginx', oracle.MIRROR, oracle.mirror_figures, preset_words)
    check_variety(lab, lines, timing.read_bytes() + access.read_bytes())
    check_source(lab, upstreams, timing.read_bytes(), 'timing', oracle.TIMING, oracle.timing_figures,
                 [f'--config.file={rule_file}', timing])
    for follower in mirror, upstreams, sent:
        lab.check(f'{follower.server.log.name} stops with 0', follower.server.stop() == 0, follower.server.output())
    lab.check('nginx was well', site.nginx.server.stop() == 0, site.nginx.server.output())
    site.close()


run_test(main, needs=['nginx'])
