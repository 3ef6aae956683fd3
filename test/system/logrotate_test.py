"""Does tailmeter count every request that nginx counts, once, while logrotate rotates the log under full load?"""
import gzip

from lab import run_test, wait_until
from nginx import Nginx

NGINX_HTTP = '''
  server {{
    listen 127.0.0.1:{port};
    location / {{ access_log {dir}/{mode}/access.log combined; return 200 "ok\\n"; }}
  }}
'''
RULES = '''
sources:
  - name: nginx
    files: [{dir}/{mode}/access.log]
    format: combined
metrics:
  - counter: requests_total
  - counter: sent_bytes_total
    value: $body_bytes_sent
'''
LOGROTATE = '''
{dir}/{mode}/access.log {{
  size 1
  rotate 100
  missingok
  {options}
}}
'''
RELOAD = '''sharedscripts
  postrotate
    kill -USR1 $(cat {dir}/nginx.pid)
  endscript'''
OPTIONS = {'create': 'create 0644\n' + RELOAD,
           'compress': 'create 0644\ncompress\ndelaycompress\n' + RELOAD,
           'copytruncate': 'copytruncate'}
ROTATIONS = 5
GROWTH_BYTES = 1_000_000                                            # between two rotations
BODY_BYTES = len('ok\n')


class Site:
    """nginx that logs to a folder of its own, with a logrotate and a tailmeter for it."""

    def __init__(self, lab, mode):
        self.lab, self.mode = lab, mode
        self.folder = lab.folder(mode)
        self.log = self.folder / 'access.log'
        self.address = ('127.0.0.1', lab.free_port())
        places = {'dir': lab.dir, 'mode': mode, 'port': self.address[1]}
        self.nginx = Nginx(lab, NGINX_HTTP.format(**places))
        options = OPTIONS[mode].format(**places)
        self.configuration = lab.write(f'{mode}.conf', LOGROTATE.format(options=options, **places))
        self.rules = lab.write(f'{mode}.yml', RULES.format(**places))
        self.follower = lab.follow(f'--config.file={self.rules}', name=f'tailmeter-{mode}')

    def load(self, seconds):
        """Requests as fast as they go, in the background."""
        page = f'http://127.0.0.1:{self.address[1]}/v2/a/manifests/b'
        return self.lab.start('wrk', 'wrk', '-t1', '-c4', f'-d{seconds}s', page)

    def rotate(self):
        state = self.lab.dir / f'{self.mode}.state'
        done = self.lab.run('logrotate', '-s', state, self.configuration, unprivileged=True)
        if done.returncode != 0:
            raise RuntimeError(f'logrotate: {done.stderr}')

    def wait_for_growth(self):
        """Until the log has some ten thousand new lines."""
        begin = self.log.stat().st_size
        wait_until('the log grows', lambda: self.log.stat().st_size > begin + GROWTH_BYTES, 60)

    def contents(self):
        """What is in the log and in all that it was rotated to, by name."""
        contents = {file.name: file.read_bytes() for file in self.folder.iterdir()}
        return {name: gzip.decompress(text) if name.endswith('.gz') else text for name, text in contents.items()}

    def check(self, kind):
        lab, mode = self.lab, self.mode
        self.nginx.wait_until_idle()
        want = self.nginx.requests()
        scraped = self.follower.metrics()                           # the first scrape after the last request
        got = {key: scraped.samples.get(key) for key in (
            'requests_total', 'sent_bytes_total', 'tailmeter_lines_total{outcome="matched",source="nginx"}',
            'tailmeter_lines_total{outcome="unmatched",source="nginx"}',
            f'tailmeter_rotations_total{{kind="{kind}",source="nginx"}}')}
        expected = dict(zip(got, (want, want * BODY_BYTES, want, 0, ROTATIONS)))
        lab.same(f'{mode}: {want} requests and {ROTATIONS} rotations are counted, not one lost or doubled',
                 got, expected)
        contents = self.contents()
        lines = sum(text.count(b'\n') for text in contents.values())
        lab.check(f'{mode}: as many lines are in {len(contents)} files',
                  lines == want and len(contents) == ROTATIONS + 1, sorted(contents))
        if kind == 'rename':
            lost = scraped.of('tailmeter_lost_bytes_total')
            lab.check(f'{mode}: nothing of it was lost, as tailmeter says', lost and not sum(lost.values()), lost)
        lab.refuses(f'{mode}: a rotated file that was not read',
                    all(lines - text.count(b'\n') != want for text in contents.values() if text))
        lab.sees_an_error_of_one(expected)

    def close(self):
        tailmeter = self.follower.server
        self.lab.check(f'{self.mode}: tailmeter stops with 0', tailmeter.stop() == 0, tailmeter.output())
        self.nginx.server.stop()


def rotate_under_load(lab, mode):
    site = Site(lab, mode)
    load = site.load(60)
    for _ in range(ROTATIONS):
        site.wait_for_growth()
        site.rotate()
    site.wait_for_growth()
    load.stop()
    site.check('rename')
    if mode == 'compress':
        names = {file.name for file in site.folder.iterdir()}
        lab.check('compress: what was rotated before the last time is compressed',
                  {'access.log.1', 'access.log.2.gz'} <= names, names)
    site.close()


def truncate_between_loads(lab):
    """copytruncate takes away what is written between copy and truncation, and what nobody has read until then. So
    nobody writes then, and a scrape, which reads all that there is, comes before; the next load comes at once."""
    site = Site(lab, 'copytruncate')
    for _ in range(ROTATIONS):
        load = site.load(60)
        site.wait_for_growth()
        load.stop()
        site.nginx.wait_until_idle()
        site.follower.metrics()
        site.rotate()
    load = site.load(60)
    site.wait_for_growth()
    load.stop()
    site.check('truncate')
    site.close()


def main(lab):
    rotate_under_load(lab, 'create')
    rotate_under_load(lab, 'compress')
    truncate_between_loads(lab)


run_test(main, needs=['nginx', 'logrotate', 'wrk'])
