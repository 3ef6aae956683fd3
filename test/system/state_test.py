"""What becomes of the state's file: shown, verified, reset, in use, removed, copied, damaged, brought back from before."""
import os
import signal

from exposition import series
from lab import run_test
from rotating_log import RULES, RotatingLog

HEADER_BYTES, SLOT_HEAD_BYTES = 4096, 48    # exporter/state/slot_format.h
MATCHED = series('tailmeter_lines_total', source='web', outcome='matched')
CANNOT_BE_USED = ' cannot be used: it is a copy, or was brought back from one; the next run begins with all series at 0\n'


class Parts:
    """A log, the rules for it, and the state of what follows it."""

    def __init__(self, lab):
        self.lab = lab
        self.log = RotatingLog(lab.folder('log') / 'access.log')
        self.rules = f'--config.file={lab.write("rules.yml", RULES.format(log=self.log.path))}'
        self.directory = lab.dir / 'state'
        self.file = self.directory / 'tailmeter.state'

    def follow(self, directory=None):
        return self.lab.follow(self.rules, f'--state.dir={directory or self.directory}')

    def does_second_start(self):
        done = self.lab.run(self.lab.tailmeter, 'run', '--web.listen-address=127.0.0.1:0', self.rules,
                            f'--state.dir={self.directory}', seconds=5)
        return done.returncode != 1

    def state(self, action, directory=None):
        """What `tailmeter state` ends with and says."""
        done = self.lab.run(self.lab.tailmeter, 'state', action, f'--state.dir={directory or self.directory}')
        return done.returncode, done.stdout + done.stderr

    def wrong(self, follower):
        follower.whole_samples()
        return self.log.wrong(follower.metrics())


def write_in_place(path, content):
    with path.open('r+b') as file:
        file.write(content)


def keeps_attributes(path):
    try:
        os.setxattr(path, 'user.tailmeter.test', b'1')
    except OSError:
        return False
    return True


def check_in_use(lab, parts, follower):
    code, text = parts.state('show')
    lab.check('state show names the source, its file and the metrics',
              code == 0 and all(part in text for part in ('source web: ', str(parts.log.path),
                                                          'metric requests_total: 4 series')), text)
    lab.check('state reset leaves the state of a running exporter alone', parts.state('reset') == (
        1, f'tailmeter: {parts.file}: a running tailmeter uses it; stop that first\n'))
    lab.check('the state of a running exporter is in use: a second one does not start', not parts.does_second_start())

    parts.file.unlink()
    parts.log.write(5)
    lab.check('a state that was removed while it runs is made anew by the next record',
              follower.whole_samples()['tailmeter_durable'] == 1 and parts.file.exists())
    lab.check('and keeps a second one out again', not parts.does_second_start())
    follower.server.stop(signal.SIGKILL)
    parts.log.write(5)
    follower = parts.follow()
    lab.check('no line is lost by kill -9 after that', not (wrong := parts.wrong(follower)), '\n'.join(wrong))
    parts.log.write(1)
    lab.check('SIGTERM ends it with 0', follower.server.stop() == 0)
    code, text = parts.state('verify')
    lab.check('state verify accepts what was written', code == 0 and 'is right: record ' in text, text)


def check_copy(lab, parts):
    copy = lab.folder('copy')
    copied = copy / parts.file.name
    copied.write_bytes(parts.file.read_bytes())
    lab.give_away(copied)
    lab.same('state verify refuses a copy', {'said': parts.state('verify', copy)},
             {'said': (1, f'{copied}{CANNOT_BE_USED}')})
    follower = parts.follow(copy)
    samples = follower.metrics().samples
    lab.check('an exporter on a copied state begins at 0 and shows no line again, and says so',
              samples['tailmeter_state_lost'] == 1 and samples[MATCHED] == 0, samples)
    parts.log.write(3)
    lab.check('it counts what comes then', follower.metrics().samples[MATCHED] == 3)
    follower.server.stop()


def check_damage(lab, parts):
    """Whichever of the two records is damaged, state verify says no more than it knows."""
    whole = parts.file.read_bytes()
    slot_bytes = (len(whole) - HEADER_BYTES) // 2
    numbers = [int.from_bytes(whole[at + 16:at + 24], 'little') for at in (HEADER_BYTES, HEADER_BYTES + slot_bytes)]
    for damaged in range(2):
        at = HEADER_BYTES + damaged * slot_bytes + SLOT_HEAD_BYTES
        write_in_place(parts.file, whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
        said = parts.state('verify')
        lab.check(f'state verify says which record is right when record {numbers[damaged]} is damaged', said == (
            0, f'{parts.file}: one of its two records is damaged, as after a crash; the other, record '
               f'{numbers[1 - damaged]}, is right\n'), said)
    write_in_place(parts.file, whole)
    follower = parts.follow()
    lab.check('the values of a run that was stopped are those of the next one',
              not (wrong := parts.wrong(follower)), '\n'.join(wrong))
    follower.server.stop()


def check_older(lab, parts):
    """An older state that is copied into the file itself: the inode is the same, the content right."""
    older = parts.file.read_bytes()
    follower = parts.follow()
    parts.log.write(5)
    follower.server.stop()
    if not keeps_attributes(parts.file):
        print('skipped: extended attributes of files are not kept here, so that an older state goes unnoticed')
        return
    write_in_place(parts.file, older)
    lab.same('state verify refuses an older state that was copied into the file', {'said': parts.state('verify')},
             {'said': (1, f'{parts.file}{CANNOT_BE_USED}')})
    follower = parts.follow()
    lab.check('an exporter on it begins at 0, and says so', follower.whole_samples()['tailmeter_state_lost'] == 1)
    follower.server.stop()


def check_reset(lab, parts):
    code, text = parts.state('reset')
    lab.check('state reset removes the state', code == 0 and not parts.file.exists(), text)
    nowhere = lab.dir / 'none'
    lab.same('state verify of a directory that is not there fails', {'said': parts.state('verify', nowhere)},
             {'said': (1, f'tailmeter: {nowhere}: No such file or directory\n')})


def main(lab):
    parts = Parts(lab)
    follower = parts.follow()
    for _ in range(4):
        parts.log.write(11)
        parts.log.rename()
    lab.check('each line is counted once', not (wrong := parts.wrong(follower)), '\n'.join(wrong))
    check_in_use(lab, parts, follower)
    check_copy(lab, parts)
    check_damage(lab, parts)
    check_older(lab, parts)
    check_reset(lab, parts)
    parts.log.close()


run_test(main)
