"""Does `init` write rules for an nginx as it is configured, that `check` accepts and that count its every line?"""
import collections
import gzip
import pathlib
import re
import time

from lab import Follower, fetch, run_test, wait_until
from nginx_configurations import CONTAINER, HOSTING, MIRROR, filled
import nginx_traffic as traffic


class Site:
    """An nginx with a configuration of its own below the lab's directory."""

    def __init__(self, lab, name, files, **values):
        self.lab, self.name, self.port = lab, name, lab.free_port()
        self.address = ('127.0.0.1', self.port)
        self.root = lab.folder(name)
        for folder in 'log', 'log/status', 'temp', 'www', 'cache':
            lab.folder(f'{name}/{folder}')
        self.etc = lab.folder(f'{name}/etc')
        lab.write(f'{name}/www/index.html', 'hello\n')
        values = {'dir': self.root, 'etc': self.etc, 'port': self.port, **values}
        for path, text in files.items():
            lab.folder(f'{name}/etc/{path}').rmdir()
            lab.write(f'{name}/etc/{path}', filled(text, values))
        if 'sites-available/shop' in files:
            lab.folder(f'{name}/etc/sites-enabled')
            for site in 'shop', 'blog':
                (self.etc / 'sites-enabled' / site).symlink_to(self.etc / 'sites-available' / site)
        self.conf = self.etc / 'nginx.conf'
        self.written = collections.Counter()             # how many lines each log must have
        self.nginx = lab.start(f'nginx-{name}', 'nginx', '-p', self.root, '-e', self.root / 'log/error.log',
                               '-c', self.conf, '-g', 'daemon off;')
        wait_until(f'nginx {name} answers', self._is_up)

    def _is_up(self):
        if self.nginx.process.poll() is not None:
            raise RuntimeError(f'nginx ended: {self.nginx.output()}')
        traffic.connect(self.address).close()
        return True

    def get(self, logs, times, path, host='localhost', method='GET'):
        """Asks `times` times, which is to give as many lines in each of `logs`."""
        for number in range(times):
            fetch(self.address, f'http://{host}{path}?{number}', method)
        self.written.update({log: times for log in logs})

    def logs(self):
        return sorted(path for path in (self.root / 'log').rglob('*') if path.is_file() and path.suffix != '.gz' and
                      not path.name.startswith('error') and path.stat().st_size)

    def lines(self):
        return {str(path.relative_to(self.root / 'log')): path.read_bytes().count(b'\n') for path in self.logs()}

    def check_lines(self):
        """To be called before requests of which nobody knows whether they are logged."""
        wait_until(f'{self.name}: nginx has logged', lambda: self.lines().keys() >= self.written.keys() and
                   sum(self.lines().values()) >= sum(self.written.values()))
        self.lab.same(f'{self.name}: nginx logged what it was asked', self.lines(), self.written)

    def init(self, *words):
        done = self.lab.run(self.lab.tailmeter, 'init', f'--nginx.conf={self.conf}', *words)
        self.lab.check(f'{self.name}: init ends with 0', done.returncode == 0, done.stderr)
        self.rules = self.lab.write(f'{self.name}/rules.yml', done.stdout)
        return done


def requests_in(exposition):
    return sum(int(one['value']) for one in exposition['metrics'] if one['name'] == 'http_requests_total')


def check_site(lab, site, *words):
    """init, check, and dry-run on each of its logs, against the lines that are in them and that must be in them."""
    done = site.init(*words)
    checked = lab.run(lab.tailmeter, 'check', site.rules)
    lab.check(f'{site.name}: check finds it right, without a warning',
              checked.returncode == 0 and 'right' in checked.stdout and not checked.stderr, f'{checked}\n{done.stdout}')
    lines = site.lines()
    for path in site.logs():
        log = str(path.relative_to(site.root / 'log'))
        got = lab.dry_run_json(f'--config.file={site.rules}', path)
        want = {'lines': lines[log], 'matched': lines[log], 'unmatched': 0, 'oversize': 0, 'requests': lines[log]}
        lab.same(f'{site.name}: each of the {lines[log]} lines of {log} counts',
                 {'requests': requests_in(got), **{key: got[key] for key in want if key in got}}, want)
        cut = lab.write('cut.log', path.read_bytes().partition(b'\n')[2])
        lab.refuses(f'{log} without its first line', lab.dry_run_json(
            f'--config.file={site.rules}', '--source=' + source_of(done.stdout, path), cut)['lines'] != want['lines'])
    follow(lab, site, lines)
    return done


def follow(lab, site, lines):
    """Started before anything of the configuration is read, it follows just these logs."""
    rules = lab.write(f'{site.name}/all.yml', site.rules.read_text().replace('    files:', '    start_at: beginning\n    files:'))
    follower = lab.follow(f'--config.file={rules}', name=f'tailmeter-{site.name}')
    check_lines(lab, f'{site.name}: run counts each line of each log once', follower, sum(lines.values()))
    follower.server.stop()


def check_lines(lab, sentence, follower, count):
    samples = follower.metrics().of('tailmeter_lines_total')
    outcomes = {outcome: sum(value for key, value in samples.items() if f'"{outcome}"' in key)
                for outcome in ('matched', 'unmatched', 'oversize')}
    lab.same(sentence, outcomes, {'matched': count, 'unmatched': 0, 'oversize': 0})


def source_of(rules, path):
    """The source of a rule file of `init` that names `path`, or has a pattern that it matches."""
    sources = re.findall(r"  - name: '([^']*)'\n    files:\n((?:      - .*\n)+)(?:    exclude: (.*)\n)?", rules)
    for name, files, exclude in sources:
        if any(path.match(pattern) for pattern in re.findall(r"- '(.*)'", files)) and f"'{path}'" not in exclude:
            return name
    raise AssertionError(f'{path} is in no source')


def check_says(lab, what, text, says):
    flat = ' '.join(text.split())
    for words in says:
        lab.check(f'{what} says: {words}', words in flat, text)


def hostile_requests(site):
    """What comes of them is in the logs when this returns: the server logs before it closes, and flushes in time."""
    address = site.address
    for data in traffic.NOT_REQUESTS:
        traffic.send(address, data)
    for method in traffic.METHODS:
        traffic.ask(address, b'/method', method)
    for target in traffic.TARGETS:
        traffic.ask(address, target)
    for agent in traffic.AGENTS:
        traffic.ask(address, b'/api/agent', headers=[('User-Agent', agent), ('Referer', agent),
                                                     ('X-Forwarded-For', agent)])
    wait_until(f'{site.name} is quiet', lambda: site.lines() == (time.sleep(0.3), site.lines())[1])


def debian_files(lab):
    """Debian's own /etc/nginx, but for paths and ports that are not for everyone."""
    port_line = re.compile(r'^\s*listen (?:80|\[::\]:80) default_server;', re.M)
    files = {}
    for path in sorted(pathlib.Path('/etc/nginx').rglob('*')):
        name = str(path.relative_to('/etc/nginx'))
        if not path.is_file() or name.startswith(('modules-', 'koi-', 'win-')):
            continue
        text = path.read_text().replace('/etc/nginx', '@etc@').replace('/var/log/nginx', '@dir@/log')
        text = text.replace('/run/nginx.pid', '@dir@/nginx.pid')
        text = re.sub(r'^user .*', '', text, flags=re.M)
        text = port_line.sub(lambda match: '' if '::' in match[0] else 'listen 127.0.0.1:@port@ default_server;', text)
        files[name] = text.replace('http {', 'http {\n@temporary@', 1) if name == 'nginx.conf' else text
    lab.check('Debian\'s configuration is there, with its site',
              'access_log' in files['nginx.conf'] and '@port@' in files.get('sites-enabled/default', ''), sorted(files))
    return files


def check_debian(lab):
    site = Site(lab, 'debian', debian_files(lab))
    site.get(['access.log'], 7, '/')
    site.get(['access.log'], 3, '/missing')
    site.check_lines()
    done = check_site(lab, site)
    lab.check('Debian\'s configuration is one source in the format "combined"',
              done.stderr == f'combined: {site.root}/log/access.log\n' and '    format: combined\n' in done.stdout, done)
    check_without_config(lab, site, 10)
    site.nginx.stop()


def check_without_config(lab, site, count):
    """`run` alone, on a host whose /etc/nginx is the site's."""
    host = ['unshare', '-m', 'sh', '-c', f'mount --bind {site.etc} /etc/nginx && exec "$@"', 'sh']
    if pathlib.Path('/etc/tailmeter/tailmeter.yml').exists() or lab.run(*host, 'true').returncode != 0:
        print('# not tested: run without a rule file (/etc/tailmeter is there, or no mount may be made)')
        return
    address = ('127.0.0.1', lab.free_port())
    server = lab.start('zero', *host, lab.tailmeter, f'--web.listen-address=127.0.0.1:{address[1]}', '--state.dir=none',
                       unprivileged=False)
    wait_until('tailmeter is ready', lambda: fetch(address, '/-/ready')[0] == 200)
    site.get(['access.log'], 4, '/')
    follower = Follower(server, address)
    wait_until('nginx has logged', lambda: site.lines()['access.log'] == count + 4)
    check_lines(lab, 'without a rule file, run follows the logs of nginx from now on', follower, 4)
    checked = lab.run(*host, lab.tailmeter, 'check')
    lab.check('and check says what it would follow',
              checked.stdout.startswith('the rules for /etc/nginx/nginx.conf: right: 1 source,'), checked)
    empty = lab.folder('empty')
    host[-2] = host[-2].replace(str(site.etc), str(empty))
    done = lab.run(*host, lab.tailmeter, 'run')
    lab.check('without an nginx, it says what to do', (done.returncode, done.stderr) == (
        2, 'tailmeter: there is neither /etc/tailmeter/tailmeter.yml nor /etc/nginx/nginx.conf: name a rule file with '
           '--config.file=FILE, or the logs\n'), done)


def check_container(lab):
    site = Site(lab, 'container', CONTAINER)
    site.get(['access.log'], 5, '/index.html')
    site.get(['access.log'], 2, '/missing')
    site.check_lines()
    hostile_requests(site)
    done = check_site(lab, site)
    check_says(lab, 'the rule file', done.stdout, [f"format: {{nginx_conf: '{site.conf}', name: 'main'}}",
                                                   f'{site.root}/log/access.log ({site.conf}:16): localhost'])
    site.nginx.stop()


def check_hosting(lab):
    syslog_port = lab.free_port()
    site = Site(lab, 'hosting', HOSTING, syslog_port=syslog_port)
    site.get(['all.log'], 9, '/', 'plain.test')
    site.get([], 5, '/quiet', 'plain.test')
    site.get(['api.log'], 6, '/api/x', 'plain.test', 'POST')
    site.get(['late.log'], 4, '/late/x', 'plain.test')
    site.get(['shop.test.shop.log', 'shop.error-requests.log'], 3, '/missing', 'shop.test')
    site.get(['shop.test.shop.log'], 2, '/', 'shop.test')
    site.get(['cart12.shop.test.shop.log', 'shop.error-requests.log'], 8, '/pay', 'cart12.shop.test')
    site.get(['blog.combined.shop.log'], 5, '/', 'blog.test')
    site.check_lines()
    hostile_requests(site)
    done = check_site(lab, site)
    log, etc = site.root / 'log', site.etc
    check_says(lab, 'the rule file', done.stdout, [
        f'access_log off ({etc}/conf.d/10-plain.conf:5) writes no line',
        f'{log}/shop.gz ({etc}/sites-enabled/shop:7) is compressed by nginx',
        f"syslog: 'udp://127.0.0.1:{syslog_port}'",
        f"exclude: ['{log}/blog.combined.shop.log']",
        'not every request is in it: if=$is_error',
        'nginx holds lines back until there are 32k of them, or for 100ms'])
    asked = check_syslog(lab, site)
    site.nginx.stop()
    with gzip.open(log / 'shop.gz') as packed:
        lab.check('nginx did compress the log that is left out', packed.read().count(b'\n') == 13 + asked)


def check_syslog(lab, site):
    """What nginx sends to syslog counts by the rules of `init`. Returns how many requests it took."""
    follower = lab.follow(f'--config.file={site.rules}', name='tailmeter-syslog')
    name = re.search(r"  - name: '([^']*)'\n    syslog:", site.rules.read_text())[1]
    key = f'tailmeter_lines_total{{outcome="%s",source="{name}"}}'
    lab.check('the log that goes to syslog counts at most once',
              follower.metrics().samples.get(f'tailmeter_source_info{{delivery="at_most_once",source="{name}"}}') == 1)
    # What nginx sent when nobody listened was refused, and each worker gets to know it by the first send after that.
    asked = 0
    while follower.metrics().samples[key % 'matched'] < 20 and asked < 1000:
        fetch(site.address, 'http://shop.test/syslog')
        asked += 1
    samples = follower.metrics().samples
    requests = sum(value for series, value in samples.items()
                   if series.startswith('http_requests_total{') and f'source="{name}"' in series)
    lab.same('each line that nginx sends to syslog is a request',
             {'requests': requests, 'unmatched': samples[key % 'unmatched'], 'oversize': samples[key % 'oversize']},
             {'requests': samples[key % 'matched'], 'unmatched': 0, 'oversize': 0})
    lab.check('and most of them came', samples[key % 'matched'] >= 20, samples)
    follower.server.stop()
    return asked


def check_mirror(lab):
    upstream = traffic.Upstream()
    site = Site(lab, 'mirror', MIRROR, upstream=upstream.address)
    site.get(['mirror.json', 'plain.log'], 6, '/v2/a/blobs/1')
    site.get(['mirror.json', 'plain.log'], 6, '/v2/a/blobs/1')
    site.get(['status/404.log'], 3, '/status/404')
    site.get(['status/503.log'], 2, '/status/503')
    site.check_lines()
    hostile_requests(site)
    done = check_site(lab, site, f'--nginx.prefix={site.root}')
    samples = lab.dry_run_json(f'--config.file={site.rules}', site.root / 'log/mirror.json')['metrics']
    cache = {one['labels']['status']: int(one['value']) for one in samples
             if one['name'] == 'http_cache_requests_total' and one['labels']['source'] == 'mirror'}
    want = collections.Counter(re.findall(r'"cache":"([A-Z]+)"', (site.root / 'log/mirror.json').read_text('latin-1')))
    lab.same('the cache\'s answers are counted', cache, dict(want))
    lab.check('there were hits and misses', want['HIT'] >= 6 and want['MISS'] >= 6, want)
    check_says(lab, 'the rule file', done.stdout, ['Some requests are in more than one log'])
    upstream.close()
    site.nginx.stop()


def check_refusals(lab):
    lab.folder('wrong')
    for text, code, says in (
            ('http { server { access_log off; } }', 1, 'it has no access log that could be followed\nleft out: access_log off'),
            ('http {\n', 1, 'nginx.conf:2: unexpected end of file, expecting "}"'),
            ('include x.conf;', 1, 'nginx.conf:1: include')):
        conf = lab.write('wrong/nginx.conf', text)
        done = lab.run(lab.tailmeter, 'init', f'--nginx.conf={conf}')
        lab.check(f'init of {text!r} ends with {code} and says {says!r}',
                  done.returncode == code and says in done.stderr and not done.stdout, done)
    done = lab.run(lab.tailmeter, 'init', '--nginx.conf=/nonexistent/nginx.conf')
    lab.check('init without a configuration ends with 1 and says so',
              (done.returncode, done.stderr) == (1, 'tailmeter: /nonexistent/nginx.conf: No such file or directory\n'), done)


def main(lab):
    check_refusals(lab)
    check_debian(lab)
    check_container(lab)
    check_hosting(lab)
    check_mirror(lab)


run_test(main, needs=['nginx'])
