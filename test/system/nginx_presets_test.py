"""A real nginx that logs in five formats and to syslog at once: does each preset count what the client counted?"""
from collections import Counter

from lab import run_test
from nginx import Nginx
import nginx_traffic as traffic
from visitor import BYTES, SECONDS, UPSTREAM_SECONDS, Visitor, compare, follow, labelled

HTTP = '''
  log_format timing '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
    '"$http_referer" "$http_user_agent" rt=$request_time uct="$upstream_connect_time" uht="$upstream_header_time" '
    'urt="$upstream_response_time" us="$upstream_status" ua="$upstream_addr" cs=$upstream_cache_status';
  log_format json escape=json '{{"time":"$time_iso8601","remote_addr":"$remote_addr","request":"$request",'
    '"status":$status,"body_bytes_sent":$body_bytes_sent,"request_time":$request_time,'
    '"upstream_response_time":"$upstream_response_time","upstream_status":"$upstream_status",'
    '"upstream_cache_status":"$upstream_cache_status","agent":"$http_user_agent","referer":"$http_referer"}}';
  log_format ltsv 'time:$time_iso8601\thost:$remote_addr\treq:$request\tmethod:$request_method\tstatus:$status\t'
    'size:$body_bytes_sent\treqtime:$request_time\tapptime:$upstream_response_time\tcache:$upstream_cache_status\t'
    'ua:$http_user_agent\treferer:$http_referer';
  log_format cache '[$time_local] $remote_addr $upstream_cache_status "$request" $status $bytes_sent '
    '$request_time $upstream_response_time "$host" "$http_user_agent"';
  proxy_cache_path {dir}/cached levels=1:2 keys_zone=presets:1m use_temp_path=off;
  upstream retry {{ server 127.0.0.1:{dead} max_fails=0; server {live} backup; }}
  server {{
    listen 127.0.0.1:{port};
    error_log {dir}/warnings.log warn;
    access_log {dir}/combined.log combined;
    access_log {dir}/timing.log timing;
    access_log {dir}/json.log json;
    access_log {dir}/ltsv.log ltsv;
    access_log {dir}/cache.log cache;
    access_log syslog:server=unix:{dir}/nginx.sock,nohostname combined;
    add_header X-Cache $upstream_cache_status always;
    add_header X-Attempts $upstream_status always;
    location / {{ proxy_pass http://{live}; }}
    location /retry/ {{ proxy_pass http://retry; }}
    location /dead/ {{ proxy_pass http://127.0.0.1:{dead}; }}
    location /cached/ {{
      proxy_pass http://{live};
      proxy_cache presets; proxy_cache_valid 200 1h; proxy_cache_bypass $arg_bypass; }}
  }}
'''
PRESETS = {'combined': 'nginx', 'timing': 'nginx_timing', 'json': 'nginx_json', 'ltsv': 'nginx_ltsv',
           'cache': 'nginx_cache'}                      # by log
CACHE, ATTEMPTS = 'http_cache_requests_total', 'http_upstream_attempts_total'


def visit(visitor):
    visitor.visit()
    for number in range(20):
        visitor.ask(f'/cached/{number % 4}')
        visitor.ask(f'/retry/{number % 4}')
    for _ in range(3):
        visitor.ask('/cached/1?bypass=1')
        visitor.ask('/dead/')


def check_syslog(lab, follower, visitor):
    """nginx does not wait where the socket's queue is full, and says so."""
    refused = (lab.dir / 'warnings.log').read_text().count('send() to syslog failed')
    dropped = sum(follower.metrics().of('tailmeter_dropped_datagrams_total').values())
    if refused or dropped:
        lines = sum(follower.metrics().of('tailmeter_lines_total').values())
        lab.check(f'syslog: every line came, but for {refused} refused and {dropped} dropped',
                  lines + refused + dropped == sum(visitor.answers.values()), lines)
    else:
        compare(lab, 'syslog, preset nginx: what the client counted', follower, 'syslog',
                visitor.figures(**{BYTES: visitor.body_bytes}))


def main(lab):
    followers = {name: follow(lab, name, f"files: ['{lab.dir}/{name}.log'], preset: {preset}")
                 for name, preset in PRESETS.items()}
    syslog = follow(lab, 'syslog', f"syslog: 'unix:{lab.dir}/nginx.sock', prefix: syslog, preset: nginx")
    upstream = traffic.Upstream()
    visitor = Visitor(('127.0.0.1', lab.free_port()))
    lab.folder('cached')
    nginx = Nginx(lab, HTTP.format(dir=lab.dir, port=visitor.address[1], live=upstream.address, dead=lab.free_port()))
    visit(visitor)
    nginx.wait_until_idle()

    caches = visitor.seen('x-cache')
    tried = visitor.seen('x-attempts')                  # "502, 200": twice
    attempts = Counter(status for statuses in tried.elements() for status in statuses.split(', '))
    lab.check('there were hits, misses and bypasses', {'HIT', 'MISS', 'BYPASS'} <= set(caches), caches)
    lab.check('there were requests that were tried twice', tried['502, 200'] == 20, tried)
    for name, preset in PRESETS.items():
        want = visitor.figures(**{BYTES: visitor.bytes if name == 'cache' else visitor.body_bytes})
        if name != 'combined':
            want |= labelled(CACHE, 'status', caches)
            want |= {SECONDS + '_count': len(visitor.headers), UPSTREAM_SECONDS + '_count': tried.total()}
        if name in ('timing', 'json'):
            want |= labelled(ATTEMPTS, 'status', attempts)
        compare(lab, f'{name}, preset {preset}: what the client counted', followers[name], name, want)
    check_syslog(lab, syslog, visitor)
    lab.sees_an_error_of_one(want)
    lab.check('nginx was well', nginx.server.stop() == 0, nginx.server.output())
    upstream.close()


run_test(main, needs=['nginx'])
