"""Does tailmeter count each line once while it is killed and the log is rotated, and does no scrape go back?

A writer appends lines, rotates the log by renaming it and goes on writing to the old file for a while; at random moments the
exporter is killed with SIGKILL, sometimes with lines and rotations before it is started again. Each scrape is compared with
what was written until then. One seed, one schedule; the moments of the kills are the machine's."""
import argparse
import os
import random
import signal
import sys

from exposition import series
from lab import run_test, wait_until

KEPT = 60
HEADER_BYTES, SLOT_HEAD_BYTES = 4096, 48    # exporter/state/slot_format.h
STATUSES = ('200', '304', '404', '503')
RULES = '''
sources:
  - name: web
    files: [{log}]
    start_at: beginning
    format: '$remote_addr "$request" $status $body_bytes_sent'
metrics:
  - counter: requests_total
    help: Requests.
    source: web
    labels: {{status: $status}}
  - histogram: size_bytes
    help: Sizes.
    source: web
    value: $body_bytes_sent
    buckets: [10, 100]
'''


class Writer:
    """Writes the log, rotates it, and knows what it wrote."""

    def __init__(self, path, rng):
        self.path, self.rng = path, rng
        self.file = path.open('a')
        self.old = None             # the file before the last rotation
        self.count = dict.fromkeys(STATUSES, 0)
        self.bytes = 0

    def write(self, lines, file=None):
        file = file or self.file
        for _ in range(lines):
            status, size = self.rng.choice(STATUSES), self.rng.randrange(200)
            file.write(f'192.0.2.{self.rng.randrange(256)} "GET /{self.rng.randrange(9)} HTTP/1.1" {status} {size}\n')
            self.count[status] += 1
            self.bytes += size
        file.flush()

    def rotate(self):
        """As logrotate does, while the writer goes on with the old one. A run that is killed within a second of its start has
        saved nothing; so many files are kept that none of which lines are not durable is removed."""
        for number in range(KEPT - 1, 0, -1):
            rotated = self.path.with_name(f'{self.path.name}.{number}')
            if rotated.exists():
                rotated.rename(self.path.with_name(f'{self.path.name}.{number + 1}'))
        self.path.rename(self.path.with_name(f'{self.path.name}.1'))
        self.write(self.rng.randrange(3))
        if self.old:
            self.old.close()
        self.old, self.file = self.file, self.path.open('a')
        self.write(self.rng.randrange(3), self.old)

    def figures(self):
        figures = {series('requests_total', status=status): count for status, count in self.count.items() if count}
        return figures | {'size_bytes_sum': self.bytes, 'size_bytes_count': sum(self.count.values())}


def scrape(follower):
    """The samples of an answer that says it is fresh and durable: a disk that stalls for seconds makes it say that it is not."""
    samples = {}

    def is_whole():
        samples.update(follower.metrics().samples)
        return samples['tailmeter_durable'] == 1 and samples['tailmeter_catching_up'] == 0
    wait_until('a scrape is fresh and durable', is_whole)
    return samples


def main(lab, kills, seed):
    rng = random.Random(seed)
    log = lab.folder('log') / 'access.log'
    writer = Writer(log, rng)
    rules = lab.write('rules.yml', RULES.format(log=log))
    words = [f'--config.file={rules}', f'--state.dir={lab.dir}/state']
    follower = lab.follow(*words)
    killed = rotations = scrapes = reloads = 0
    shown = {}      # by the scrape before
    while killed < kills:
        writer.write(rng.randrange(100))
        dice = rng.random()
        if dice < 0.4:
            follower.server.stop(signal.SIGKILL)
            killed += 1
            for _ in range(rng.randrange(3)):
                writer.write(rng.randrange(50))
                if rng.random() < 0.5:
                    writer.rotate()
                    rotations += 1
            follower = lab.follow(*words)
        elif dice < 0.6:
            writer.rotate()
            rotations += 1
        elif dice < 0.7:
            follower.server.process.send_signal(signal.SIGHUP)
            reloads += 1
        else:
            seen, figures = scrape(follower), writer.figures()
            scrapes += 1
            wrong = {key: (seen.get(key), value) for key, value in figures.items() if seen.get(key) != value}
            fallen = {key: (value, seen.get(key)) for key, value in shown.items() if seen.get(key, 0) < value}
            if wrong or fallen:
                lab.check(f'each line is counted once, and no figure falls (kill {killed}, seed {seed})', False,
                          (wrong, fallen, {key: value for key, value in seen.items() if key.startswith('tailmeter_')}))
                return
            shown = {key: seen[key] for key in figures}
    lab.check(f'each line is counted once through {killed} kills, {rotations} rotations and {reloads} reloads: {sum(writer.count.values())} '
              f'lines, {scrapes} scrapes', scrapes > kills / 2)
    lab.check('the state of a running exporter is in use: a second one does not start',
              lab.run(lab.tailmeter, 'run', '--web.listen-address=127.0.0.1:0', *words).returncode == 1)
    check_state(lab, words, follower, writer)


def check_lost_name(lab, words, follower, writer):
    """The state is removed under a running exporter: the next record is in a file that has the name again."""
    state = lab.dir / 'state/tailmeter.state'
    state.unlink()
    writer.write(5)
    lab.check('a state that was removed while it runs is made anew by the next record',
              scrape(follower)['tailmeter_durable'] == 1 and state.exists())
    lab.check('and keeps a second one out again',
              lab.run(lab.tailmeter, 'run', '--web.listen-address=127.0.0.1:0', *words, seconds=5).returncode == 1)
    follower.server.stop(signal.SIGKILL)
    writer.write(5)
    follower = lab.follow(*words)
    seen, figures = scrape(follower), writer.figures()
    lab.same('no line is lost by kill -9 after that', {key: seen.get(key) for key in figures}, figures)
    return follower


def check_state(lab, words, follower, writer):
    directory = lab.dir / 'state'

    def state(action, where=directory):
        done = lab.run(lab.tailmeter, 'state', action, f'--state.dir={where}')
        return done.returncode, done.stdout + done.stderr

    code, text = state('show')
    lab.check('state show names the source, its file and the metrics',
              code == 0 and all(part in text for part in ('source web: ', str(writer.path), 'metric requests_total: 4 series')),
              text)
    lab.check('state reset leaves the state of a running exporter alone',
              state('reset') == (1, f'tailmeter: {directory}/tailmeter.state: a running tailmeter uses it; stop that first\n'))
    follower = check_lost_name(lab, words, follower, writer)
    writer.write(1)
    lab.check('SIGTERM ends it with 0, and what was written just before is in the state', follower.server.stop() == 0)
    code, text = state('verify')
    lab.check('state verify accepts what was written', code == 0 and 'is right: record ' in text, text)

    copy = lab.folder('copy')
    (copy / 'tailmeter.state').write_bytes((directory / 'tailmeter.state').read_bytes())
    lab.give_away(copy / 'tailmeter.state')
    lab.check('state verify refuses a copy', state('verify', copy) == (
        1, f'{copy}/tailmeter.state cannot be used: it is a copy, or was brought back from one; the next run begins with '
           'all series at 0\n'))
    fresh = lab.follow(words[0], f'--state.dir={copy}')
    samples = fresh.metrics().samples
    matched = series('tailmeter_lines_total', source='web', outcome='matched')
    lab.check('an exporter on a copied state begins at 0 and shows no line again, and says so',
              samples['tailmeter_state_lost'] == 1 and samples[matched] == 0, samples)
    writer.write(3)
    lab.check('it counts what comes then', fresh.metrics().samples[matched] == 3)
    fresh.server.stop()

    check_damage(lab, directory, state)
    again = lab.follow(*words)
    lab.same('the values of a run that was stopped are those of the next one',
             {key: value for key, value in again.metrics().user().items() if key in writer.figures()}, writer.figures())
    check_older_state(lab, words, again, writer, state)
    code, text = state('reset')
    lab.check('state reset removes the state', code == 0 and not (directory / 'tailmeter.state').exists(), text)
    code, text = state('verify', lab.dir / 'none')
    lab.check('state verify of a directory that is not there fails',
              (code, text) == (1, f'tailmeter: {lab.dir}/none: No such file or directory\n'), (code, text))


def check_damage(lab, directory, state):
    """Whichever of the two records is damaged, state verify says no more than it knows."""
    file = directory / 'tailmeter.state'
    whole = file.read_bytes()
    slot_bytes = (len(whole) - HEADER_BYTES) // 2
    numbers = [int.from_bytes(whole[at + 16:at + 24], 'little') for at in (HEADER_BYTES, HEADER_BYTES + slot_bytes)]
    for damaged in range(2):
        at = HEADER_BYTES + damaged * slot_bytes + SLOT_HEAD_BYTES
        write_in_place(file, whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
        said = state('verify')
        lab.check(f'state verify says which record is right when record {numbers[damaged]} is damaged', said == (
            0, f'{file}: one of its two records is damaged, as after a crash; the other, record {numbers[1 - damaged]}, '
               'is right\n'), said)
    write_in_place(file, whole)


def check_older_state(lab, words, follower, writer, state):
    """An older state that is copied into the file itself: the inode is the same, the content right."""
    follower.server.stop()
    file = lab.dir / 'state/tailmeter.state'
    older = file.read_bytes()
    follower = lab.follow(*words)
    writer.write(5)
    follower.server.stop()
    if not keeps_attributes(file):
        print('skipped: extended attributes of files are not kept here, so that an older state goes unnoticed')
        return
    write_in_place(file, older)
    said = state('verify')
    lab.check('state verify refuses an older state that was copied into the file', said == (
        1, f'{file} cannot be used: it is a copy, or was brought back from one; the next run begins with all series at 0\n'), said)
    follower = lab.follow(*words)
    lab.check('an exporter on it begins at 0, and says so', scrape(follower)['tailmeter_state_lost'] == 1)
    follower.server.stop()


def write_in_place(path, content):
    with path.open('r+b') as file:
        file.write(content)


def keeps_attributes(path):
    try:
        os.setxattr(path, 'user.tailmeter.test', b'1')
    except OSError:
        return False
    return True


arguments = argparse.ArgumentParser()
arguments.add_argument('tailmeter', nargs='?')
arguments.add_argument('--kills', type=int, default=300)
arguments.add_argument('--seed', type=int, default=1)
options, _ = arguments.parse_known_args()
sys.argv[1:] = [options.tailmeter] if options.tailmeter else []
run_test(lambda lab: main(lab, options.kills, options.seed))
