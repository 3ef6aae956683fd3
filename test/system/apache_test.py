"""A real httpd that writes one log in Debian's formats and in one of its own: does each count what the client counted?"""
import re

from exposition import series
from lab import connect, run_test, wait_until
import nginx_traffic as traffic
from visitor import AGENTS, BYTES, METHODS, REQUESTS, SECONDS, Visitor, compare, follow

MODULES = '/usr/lib/apache2/modules'
# The first three are Debian's; sizes there are with the head (%O).
CONFIGURATION = r'''
ServerRoot {dir}
DefaultRuntimeDir {dir}
PidFile {dir}/httpd.pid
ServerName localhost
Listen 127.0.0.1:{port}
ErrorLog {dir}/httpd.error.log
{modules}
LogFormat "%v:%p %h %l %u %t \"%r\" %>s %O \"%{{Referer}}i\" \"%{{User-Agent}}i\"" vhost_combined
LogFormat "%h %l %u %t \"%r\" %>s %O \"%{{Referer}}i\" \"%{{User-Agent}}i\"" combined
LogFormat "%h %l %u %t \"%r\" %>s %O" common
LogFormat "%h %l %u %t \"%r\" %>s %b \"%{{Referer}}i\" \"%{{User-Agent}}i\" D=%D" timed
LogFormat "%{{sec}}t.%{{msec_frac}}t %a:%{{remote}}p %m \"%U%q\" %>s %B all=%O us=%D \"%{{User-Agent}}i\" \"%{{X-Kind}}o\"" own
CustomLog {dir}/vhost_combined.log vhost_combined
CustomLog {dir}/combined.log combined
CustomLog {dir}/common.log common
CustomLog {dir}/timed.log timed
CustomLog {dir}/own.log own
Header always set X-Kind "expr=%{{REQUEST_METHOD}} \"quoted\""
ProxyPass / http://{live}/
'''
OWN_RULES = '''
sources:
  - name: own
    files: ['{dir}/own.log']
    format: {{apache: '{text}'}}
metrics:
  - {{counter: http_requests_total, labels: {{method: {{from: $request_method, allow: [{methods}]}}, status: $status}}}}
  - {{counter: body_bytes_total, value: $body_bytes_sent}}
  - {{counter: http_response_bytes_total, value: $bytes_sent}}
  - {{histogram: http_request_duration_seconds, value: {{from: $request_time_us, unit: us}}, buckets: latency}}
  - {{counter: agents_total, when: {{http_user_agent: 'a "b" .c.'}}, labels: {{agent: $http_user_agent}}}}
  - {{counter: kinds_total, when: {{sent_http_x_kind: 'GET "quoted"'}}}}
'''


def log_format(text, name):
    """What httpd makes of `LogFormat "..." NAME`, but for the quotes, which stay as they are written."""
    return re.search(rf'^LogFormat "(.*)" {name}$', text, re.M)[1]


def main(lab):
    upstream = traffic.Upstream()
    visitor = Visitor(('127.0.0.1', lab.free_port()))
    modules = '\n'.join(f'LoadModule {name}_module {MODULES}/mod_{name}.so' for name in (
        'mpm_event', 'authz_core', 'headers', 'proxy', 'proxy_http'))
    text = CONFIGURATION.format(dir=lab.dir, port=visitor.address[1], modules=modules, live=upstream.address)
    presets = {name: follow(lab, name, f"files: ['{lab.dir}/{name}.log'], preset: apache")
               for name in ('vhost_combined', 'combined', 'common', 'timed')}
    rules = OWN_RULES.format(dir=lab.dir, text=log_format(text, 'own'), methods=', '.join(METHODS))
    own = lab.follow(f'--config.file={lab.write("own.yml", rules)}', name='own')
    httpd = lab.start('httpd', 'apache2', '-f', lab.write('httpd.conf', text), '-DFOREGROUND')
    wait_until('httpd listens', lambda: not connect(visitor.address).close())
    visitor.visit()
    lab.check('httpd stops with 0', httpd.stop() == 0, httpd.output())        # and has logged all

    count = len(visitor.headers)
    for name, follower in presets.items():
        want = visitor.figures(**{BYTES: visitor.body_bytes if name == 'timed' else visitor.bytes})
        if name == 'timed':
            want[SECONDS + '_count'] = count
        compare(lab, f'{name}, preset apache: what the client counted', follower, name, want)
    want = {key: value for key, value in visitor.figures().items() if key.startswith(REQUESTS)}
    want |= {'body_bytes_total': visitor.body_bytes, BYTES: visitor.bytes, SECONDS + '_count': count,
             series('agents_total', agent=AGENTS[2]): 1, 'kinds_total': visitor.seen('x-kind')['GET "quoted"']}
    compare(lab, 'the format read from the configuration: what the client counted', own, 'own', want)
    lab.sees_an_error_of_one(want)
    upstream.close()


run_test(main, needs=['apache2'])
