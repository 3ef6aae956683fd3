"""Real runs of debmirror and apt-mirror against a repository on loopback, counted by the presets while they ran: what
their exit codes and the server's own log say.

apt-mirror forgets the port of an address, so it asks for a host of its own, and is sent to the server as to a proxy."""
import gzip
import hashlib
import os
import re
import sys

from exposition import series
from lab import connect, run_test, wait_until

SUCCESS, FAILED, ERRORS = 'mirror_sync_success_total', 'mirror_sync_failed_total', 'mirror_sync_errors_total'
BYTES, FILES = 'mirror_sync_transferred_bytes_total', 'mirror_sync_files_total'
ANNOUNCED = 'mirror_sync_announced_files_total'
RULES = '''sources:
  - {{name: debmirror, files: ['{dir}/debmirror/*.log'], preset: debmirror, start_at: beginning}}
  - {{name: apt_mirror, files: ['{dir}/spool/var/cron.log'], preset: apt_mirror, start_at: beginning}}
  - {{name: wget, files: ['{dir}/spool/var/*-log.*'], preset: apt_mirror, start_at: beginning}}
'''
MIRROR_LIST = '''set base_path {dir}/spool
set run_postmirror 0
set defaultarch amd64
set nthreads 2
set _tilde 0
set use_proxy on
set http_proxy 127.0.0.1:{port}
deb http://deb.example.test/debian stable main
deb http://deb.example.test/debian nosuch main
'''
PACKAGE = '''Package: {name}
Version: 1
Architecture: amd64
Maintainer: Nobody <nobody@example.org>
Filename: pool/{name}_1_amd64.deb
Size: {size}
SHA256: {sha256}
MD5sum: {md5}
Description: bytes

'''
PACKAGES = ['failed', 'error', 'done']


def make_repository(lab):
    packages = ''
    for number, name in enumerate(PACKAGES):
        lab.folder('upstream/debian/pool')
        data = os.urandom(20_000 * (number + 1))
        lab.write(f'upstream/debian/pool/{name}_1_amd64.deb', data)
        packages += PACKAGE.format(name=name, size=len(data), sha256=hashlib.sha256(data).hexdigest(),
                                   md5=hashlib.md5(data).hexdigest())
    indexes = {'main/binary-amd64/Packages': packages.encode(),
               'main/binary-amd64/Packages.gz': gzip.compress(packages.encode())}
    lab.folder('upstream/debian/dists/stable/main/binary-amd64')
    release = 'Suite: stable\nCodename: stable\nArchitectures: amd64\nComponents: main\n'
    for title, digest in (('MD5Sum', hashlib.md5), ('SHA256', hashlib.sha256)):
        release += f'{title}:\n'
        release += ''.join(f' {digest(data).hexdigest()} {len(data)} {path}\n' for path, data in indexes.items())
    for path, data in {**indexes, 'Release': release.encode()}.items():
        lab.write(f'upstream/debian/dists/stable/{path}', data)
    lab.folder('upstream/http:')                                    # where a request to a proxy is looked for
    (lab.dir / 'upstream/http:/deb.example.test').symlink_to(lab.dir / 'upstream')


def answers(server, is_proxied):
    """The statuses of one client's requests, from the server's log."""
    requests = re.findall(r'"GET (\S+) HTTP/1\.[01]" (\d{3}) ', server.output())
    return [int(status) for path, status in requests if path.startswith('http:') == is_proxied]


def run_into(lab, log, *words):
    """The exit code of a program; what it prints is in the file `log`."""
    return lab.run('sh', '-c', 'exec "$@" > "$0" 2>&1', lab.dir / log, *words).returncode


def run_debmirror(lab, name, port):
    return run_into(lab, f'debmirror/{name}.log', 'debmirror', '--method=http', f'--host=127.0.0.1:{port}',
                    '--root=debian', '--dist=stable', '--section=main', '--arch=amd64', '--nosource', '--no-check-gpg',
                    '--ignore-release-gpg', '--rsync-extra=none', '--progress', f'{lab.dir}/mirrors/{name}')


def debmirror_figures(lab, server, port):
    """Runs it three times, and counts by exit codes and by what the server was asked for."""
    figures, codes = {}, {}

    def run(name, address):
        before = len(answers(server, False))
        codes[name] = run_debmirror(lab, name, address)
        statuses = answers(server, False)[before:]
        if statuses:
            figures[series(FILES, mirror=name)] = statuses.count(200)
            figures[series(ERRORS, mirror=name, code='404')] = statuses.count(404)

    run('whole', port)
    package, elsewhere = lab.dir / 'upstream/debian/pool/error_1_amd64.deb', lab.dir / 'elsewhere'
    package.rename(elsewhere)
    run('part', port)
    elsewhere.rename(package)
    run('refused', lab.free_port())
    figures[series(ERRORS, mirror='refused', code='500')] = 1        # what debmirror says where no server answered
    as_made = codes['whole'] == 0 and codes['part'] == 1 and codes['refused'] > 0
    lab.check('debmirror ended as it was made to', as_made, codes)
    for name, code in codes.items():
        if code:
            figures[series(FAILED, mirror=name)] = 1
        if name != 'refused':                                       # one that did not get all comes to its end too
            figures[series(SUCCESS, mirror=name)] = 1
    return figures


def apt_mirror_figures(lab, server, port):
    for name in ('spool/mirror', 'spool/skel', 'spool/var'):
        lab.folder(name)
    configuration = lab.write('mirror.list', MIRROR_LIST.format(dir=lab.dir, port=port))
    code = run_into(lab, 'spool/var/cron.log', 'apt-mirror', configuration)
    said = (lab.dir / 'spool/var/cron.log').read_text()
    lab.check('apt-mirror ends with 0 though a suite is not there', code == 0, said)
    statuses = answers(server, True)
    pool = [*(lab.dir / 'spool/mirror').rglob('*.deb')]
    lab.check('apt-mirror has got the packages', len(pool) == len(PACKAGES), pool)
    labels = {'mirror': 'spool'}
    no_index = said.count("can't open index")
    return {series(SUCCESS, **labels): 1, series(FAILED, **labels): no_index, series(ANNOUNCED, **labels): len(pool),
            series(FILES, **labels): statuses.count(200),
            series(ERRORS, code='404', **labels): statuses.count(404),
            series(ERRORS, code='release', **labels): said.count('Failed to open Release file'),
            series(ERRORS, code='index', **labels): no_index}


def main(lab):
    make_repository(lab)
    lab.folder('debmirror')
    lab.folder('mirrors')
    port = lab.free_port()
    server = lab.start('upstream', sys.executable, '-u', '-m', 'http.server', '--bind=127.0.0.1',
                       f'--directory={lab.dir}/upstream', port)
    wait_until('the repository is served', lambda: not connect(('127.0.0.1', port)).close())
    follower = lab.follow(f'--config.file={lab.write("rules.yml", RULES.format(dir=lab.dir))}')
    want = debmirror_figures(lab, server, port) | apt_mirror_figures(lab, server, port)
    metrics = follower.metrics()
    got = metrics.of(SUCCESS, FAILED, ERRORS, FILES, ANNOUNCED)
    lab.same('debmirror and apt-mirror count as they ended', {key: value for key, value in got.items() if value}, want)
    sizes = sum(path.stat().st_size for path in (lab.dir / 'spool').rglob('*.deb'))
    lab.check('apt-mirror transferred the packages at least', metrics[series(BYTES, mirror='spool')] >= sizes, sizes)
    lab.sees_an_error_of_one(want)


run_test(main, needs=['debmirror', 'apt-mirror', 'wget'])
