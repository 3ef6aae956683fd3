"""Real runs of rsync against its daemon on loopback: what they printed and logged, counted by the presets while they
ran, is what their exit codes and their last words say."""
import os
import pathlib
import re
import signal
import subprocess
from collections import Counter

from exposition import series
from lab import connect, path_of, run_test, wait_until

SUCCESS, FAILED, ERRORS = 'mirror_sync_success_total', 'mirror_sync_failed_total', 'mirror_sync_errors_total'
BYTES, FILES = 'mirror_sync_transferred_bytes_total', 'mirror_sync_files_total'
SESSIONS = 'mirror_sync_sessions_total'
RULES = '''sources:
  - {{name: log_file, files: ['{dir}/logs/*.log'], preset: rsync_stats, start_at: beginning}}
  - {{name: output, files: ['{dir}/printed/*.log'], preset: rsync_stats, start_at: beginning}}
  - {{name: rsyncd, files: ['{dir}/rsyncd.log'], preset: rsyncd, start_at: beginning}}
'''
DAEMON = '''address = 127.0.0.1
port = {port}
use chroot = no
log file = {dir}/rsyncd.log
pid file = {dir}/rsyncd.pid
lock file = {dir}/rsyncd.lock
[debian]
path = {dir}/upstream
[private]
path = {dir}/upstream
hosts deny = *
'''


class Runs:
    """Runs rsync, each time as a mirror of its own, and knows what came out."""

    def __init__(self, lab, port):
        self.lab, self.module = lab, f'rsync://127.0.0.1:{port}/debian'
        self.figures, self.codes = Counter(), {}
        for name in ('logs', 'printed', 'mirrors'):
            lab.folder(name)

    def start(self, name, *words):
        target = self.lab.folder(f'mirrors/{name}')
        command = [path_of('rsync'), '-a', f'--log-file={self.lab.dir}/logs/{name}.log', *words, f'{target}/']
        with open(self.printed(name), 'wb') as output:
            return subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, 'LC_ALL': 'C'},
                                    start_new_session=True)

    def printed(self, name):
        return self.lab.dir / f'printed/{name}_printed.log'

    def end(self, name, process):
        """Counts what the run's exit code and its summary say, for what it printed and for its log."""
        code = self.codes[name] = process.wait(60)
        said = self.printed(name).read_text(errors='replace')
        summary = re.search(r'^sent ([\d,]+) bytes  received ([\d,]+) bytes', said, re.M)
        for mirror in (name, f'{name}_printed'):
            if code:
                self.figures[series(ERRORS, mirror=mirror, code=str(code))] += 1
            if code not in (0, 24):
                self.figures[series(FAILED, mirror=mirror)] += 1
            if summary:
                self.figures[series(BYTES, mirror=mirror)] += sum(int(n.replace(',', '')) for n in summary.groups())
                if '(DRY RUN)' not in said:
                    self.figures[series(SUCCESS, mirror=mirror)] += 1
            if files := re.search(r'^Number of regular files transferred: (\d+)', said, re.M):
                self.figures[series(FILES, mirror=mirror)] += int(files[1])

    def run(self, name, *words):
        self.end(name, self.start(name, *words))

    def during(self, name, action, *words):
        """Runs it slowly, and does something once the first file is on its way."""
        process = self.start(name, '--bwlimit=200', *words)
        wait_until('a file is on its way', lambda: [*(self.lab.dir / f'mirrors/{name}').glob('.a.*')])
        action(process)
        self.end(name, process)


def figures_of_daemon(log):
    """What the daemon's own log says, counted without the preset."""
    ends = re.findall(r'\] sent (\d+) bytes  received (\d+) bytes  total size \d+$', log, re.M)
    return {series(SESSIONS, mirror='debian', direction='read'): len(re.findall(r'\] rsync on debian/', log)),
            series(FAILED, mirror='private'): log.count('rsync denied on module private'),
            series(FAILED): log.count("unknown module 'nosuch'") + log.count('] rsync error: '),
            series(SUCCESS): len(ends), series(BYTES): sum(int(sent) + int(received) for sent, received in ends)}


def has_children(pid):
    return pathlib.Path(f'/proc/{pid}/task/{pid}/children').read_text().strip() != ''


def all_runs(lab, runs):
    upstream = lab.dir / 'upstream'
    runs.run('whole', '--stats', f'{runs.module}/')
    runs.run('talkative', '-v', f'{runs.module}/')
    runs.run('dry', '-n', '--stats', f'{runs.module}/')
    runs.run('missing', '--stats', f'{runs.module}/nosuch')
    runs.run('denied', runs.module.replace('debian', 'private') + '/')
    runs.run('unknown', runs.module.replace('debian', 'nosuch') + '/')
    runs.run('refused', f'rsync://127.0.0.1:{lab.free_port()}/debian/')
    runs.run('nonsense', '--no-such-option', f'{runs.module}/')
    runs.run('silent', f'{runs.module}/nosuch')
    lab.folder('mirrors/limited')
    for name in 'x', 'y', 'z':
        lab.write(f'mirrors/limited/old-{name}', 'no longer upstream\n')
    runs.run('limited', '--stats', '--delete', '--max-delete=1', f'{runs.module}/')
    runs.during('interrupted', lambda process: os.killpg(process.pid, signal.SIGINT), '--stats', f'{runs.module}/')
    runs.during('vanished', lambda _: (upstream / 'z').unlink(), '--stats', f'{runs.module}/')


def main(lab):
    upstream, port = lab.folder('upstream'), lab.free_port()
    lab.write('upstream/a', os.urandom(300_000))
    lab.write('upstream/rsync error: x (code 9) at y [generator=1]', 'a name that imitates\n')
    lab.write('upstream/z', 'the last\n')
    upstream.chmod(0o755)
    configuration = lab.write('rsyncd.conf', DAEMON.format(port=port, dir=lab.dir))
    daemon = lab.start('rsyncd', 'rsync', '--daemon', '--no-detach', f'--config={configuration}', unprivileged=False)
    wait_until('rsyncd listens', lambda: not connect(('127.0.0.1', port)).close())
    runs = Runs(lab, port)
    rules = lab.write('rules.yml', RULES.format(dir=lab.dir))
    follower = lab.follow(f'--config.file={rules}')
    all_runs(lab, runs)
    wait_until('rsyncd has no session left, which would still log', lambda: not has_children(daemon.process.pid))
    want_codes = {'whole': 0, 'talkative': 0, 'dry': 0, 'missing': 23, 'denied': 5, 'unknown': 5, 'refused': 10,
                  'nonsense': 1, 'silent': 23, 'limited': 25, 'interrupted': 20, 'vanished': 24}
    lab.check('rsync ended as it was made to', runs.codes == want_codes, runs.codes)
    metrics = follower.metrics()
    got = metrics.of(SUCCESS, FAILED, ERRORS, BYTES, FILES, SESSIONS)
    sums = {key: value for key, value in got.items() if 'mirror=' in key and ('_printed' in key or key in runs.figures)}
    lab.same('what rsync prints and logs counts as it ended', sums, runs.figures)
    logged = figures_of_daemon((lab.dir / 'rsyncd.log').read_text())
    lab.check('eight runs got into a session', logged[series(SESSIONS, mirror='debian', direction='read')] == 8, logged)
    lab.same("what the daemon logs counts as it says", {key: got.get(key) for key in logged}, logged)
    others = {key for key in got if key not in runs.figures and key not in logged}
    lab.check('nothing else is counted', all(key.startswith((ERRORS, FILES)) and 'mirror=' not in key or not got[key]
                                             for key in others), others)
    durations = metrics.of('mirror_sync_duration_seconds')
    count = series('mirror_sync_duration_seconds_count', mirror='whole')
    lab.check('a run with a log has a duration', durations[count] == 1, durations)
    lab.sees_an_error_of_one(dict(runs.figures))


run_test(main, needs=['rsync'])
