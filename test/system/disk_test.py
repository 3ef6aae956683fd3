"""Does tailmeter count each line once on the file systems that servers have, on full ones, and on those mounted anew?

Each is made in an image and mounted in a mount namespace of this test's own: mounts and loop devices end with it.
Needs root.

  --all   also XFS"""
import argparse
import errno
import os
import signal
import subprocess
import sys

from lab import SKIPPED, differences, path_of, run_test
from rotating_log import RULES, RotatingLog

IMAGE_MIB = {'ext4': 24, 'xfs': 320}        # XFS is not made smaller than 300
MAKE = {'ext4': ['mkfs.ext4', '-q', '-F', '-m', '0', '-b', '4096'], 'xfs': ['mkfs.xfs', '-q', '-f']}
TMPFS_MIB = 24
ROUNDS = 20
IS_NAMESPACE = 'TAILMETER_DISK_TEST'


class Mounts:
    """What is mounted, with folders for it; the last one is unmounted first."""

    def __init__(self, lab):
        self.lab, self.points = lab, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for point in reversed(self.points):
            self.lab.run('umount', '--lazy', point)

    def call(self, *words):
        done = self.lab.run(*words)
        if done.returncode != 0:
            raise RuntimeError(f'{" ".join(map(str, words))}: {done.stderr}')

    def mount(self, name, *words):
        point = self.lab.folder(name)
        self.call('mount', *words, point)
        self.points.append(point)
        return point

    def unmount(self, point):
        self.call('umount', point)
        self.points.remove(point)

    def image(self, kind, name):
        path = self.lab.dir / f'{name}.image'
        with path.open('wb') as file:
            file.truncate(IMAGE_MIB[kind] << 20)
        self.call(*MAKE[kind], path)
        return path

    def mount_image(self, path, name):
        return self.mount(name, '-o', 'loop', path)         # the kernel takes the loop device away with the mount

    def make(self, kind, name):
        """An empty file system of the kind, mounted."""
        if kind == 'tmpfs':
            return self.mount(name, '-t', 'tmpfs', '-o', f'size={TMPFS_MIB}m', 'tmpfs')
        return self.mount_image(self.image(kind, name), name)


class Run:
    """A tailmeter with its log and its state below `top`, and what its scrapes have to say."""

    def __init__(self, lab, name, top, log=None):
        self.lab, self.name, self.top = lab, name, top
        for folder in (top / 'log', top / 'state'):
            folder.mkdir(exist_ok=True)
        self.rules = lab.write(f'{name}.yml', RULES.format(log=top / 'log/access.log'))
        self.log = log or RotatingLog(top / 'log/access.log')
        self.follower, self.wrong = None, []

    def start(self):
        self.follower = self.lab.follow(f'--config.file={self.rules}', f'--state.dir={self.top}/state', name=self.name)

    def kill(self):
        self.follower.server.stop(signal.SIGKILL)

    def scrape(self, durable=1):
        metrics = self.follower.metrics()
        self.wrong += self.log.wrong(metrics)
        wanted = {'tailmeter_durable': durable, 'tailmeter_state_lost': 0}
        self.wrong += differences({name: metrics[name] for name in wanted}, wanted)
        return metrics

    def report(self, sentence):
        self.lab.check(f'{self.name}: {sentence}', not self.wrong, '\n'.join(self.wrong[:12]))
        self.wrong = []

    def end(self):
        self.kill()
        self.log.close()


def rotate_and_kill(run):
    """Rotates in both ways, while it runs and while it does not."""
    rotations = (run.log.rename, run.log.copy_truncate)
    for number in range(ROUNDS):
        run.log.write(7)
        run.scrape()
        run.log.write()
        rotations[number % 2]()
        run.log.write()
        if number % 3:
            run.scrape()
        run.kill()
        run.log.write()
        if number % 3:
            rotations[number // 2 % 2]()
            run.log.write()
        run.start()
        run.scrape()
    run.report(f'each line is counted once through {ROUNDS} kills and {run.log.rotations} rotations')


def test_exactness(lab, mounts, kind):
    run = Run(lab, kind, mounts.make(kind, kind))
    run.log.write()
    run.start()
    rotate_and_kill(run)
    run.end()


def test_overlay(lab, mounts):
    """The log lies in the lower layer and is copied to the upper one when the first line is appended."""
    lower, upper, work = (lab.folder(f'layers/{layer}') for layer in ('lower', 'upper', 'work'))
    (lower / 'log').mkdir()
    log = RotatingLog(lower / 'log/access.log')
    log.write(9)
    log.close()
    top = mounts.mount('overlay', '-t', 'overlay', '-o', f'lowerdir={lower},upperdir={upper},workdir={work}', 'overlay')
    run = Run(lab, 'overlay', top, log)
    run.start()
    run.scrape()
    log.open(top / 'log/access.log')
    log.write()
    run.scrape()
    if not (upper / 'log/access.log').exists():
        run.wrong.append('the upper layer has no copy of the log')
    run.report('a log of the lower layer that is written to is still the same log')
    rotate_and_kill(run)
    run.end()


def test_bind_mount(lab, mounts):
    """The log is written under another path than that where it is followed."""
    behind = lab.folder('behind')
    (behind / 'log').mkdir()
    run = Run(lab, 'bind', mounts.mount('bind', '--bind', behind), RotatingLog(behind / 'log/access.log'))
    run.log.write()
    run.start()
    rotate_and_kill(run)
    run.end()


def is_full(folder):
    try:
        (folder / 'probe').write_bytes(bytes(1 << 12))
        os.sync()
        return False
    except OSError as error:
        return error.errno == errno.ENOSPC
    finally:
        (folder / 'probe').unlink(missing_ok=True)


def fill(folder):
    """Takes all the room that there is, into one file."""
    path = folder / 'filler'
    with path.open('wb') as file:
        size = 64 << 20
        while size >= 512:
            try:
                os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), size)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                size //= 2
        os.fsync(file.fileno())
    return path


def test_full_disk(lab, mounts, kind):
    top = mounts.make(kind, f'full-{kind}')
    run = Run(lab, f'full {kind}', top)
    run.log.write()
    os.fsync(run.log.file.fileno())                         # the rest of its block is for lines while it is full
    run.start()
    written = run.scrape()['tailmeter_checkpoint_writes_total']
    filler = fill(top)
    lab.check(f'{run.name}: there is no room left', is_full(top))
    for _ in range(5):
        run.log.write()
        written, before = run.scrape()['tailmeter_checkpoint_writes_total'], written
        run.wrong += [] if written > before else [f'no record was written after {before}']
    run.report('while it is full, the state goes on being written')
    for _ in range(3):
        run.log.write()
        run.kill()
        run.log.write()
        run.start()
        run.scrape()
    run.report('each line is counted once through kills while it is full')
    filler.unlink()
    rotate_and_kill(run)
    run.end()


def test_full_at_the_start(lab, mounts, kind):
    top = mounts.make(kind, f'start-{kind}')
    run = Run(lab, f'full {kind} at the start', top)
    run.log.write()
    (top / 'state/tailmeter.state').touch(mode=0o600)       # room for a name is not what is asked about
    os.fsync(run.log.file.fileno())
    filler = fill(top)
    run.start()
    run.log.write()
    run.scrape(durable=0)
    run.kill()
    run.log.write()
    run.start()
    run.scrape(durable=0)
    run.report('values are served without a state that can be written, and said not to be durable')
    filler.unlink()
    run.log.write()
    run.scrape()
    run.kill()
    run.start()
    run.scrape()
    run.report('they are durable as soon as there is room')
    run.end()


def test_mounted_anew(lab, mounts, kind):
    """Unmounted while tailmeter is down, and mounted from another loop device."""
    image = mounts.image(kind, f'anew-{kind}')
    top = mounts.mount_image(image, f'anew-{kind}')
    run = Run(lab, f'{kind} mounted anew', top)
    run.log.write()
    run.start()
    for number in range(3):
        run.log.rename()
        run.log.write()
        run.scrape()
        run.kill()
        run.log.write()
        run.log.close()
        device = top.stat().st_dev
        mounts.unmount(top)
        other = f'other-{number}-{kind}'
        mounts.mount_image(mounts.image('ext4', other), other)          # takes the loop device
        mounts.mount_image(image, f'anew-{kind}')
        if top.stat().st_dev == device:
            run.wrong.append(f'the device number is still {device}')
        run.log.open(top / 'log/access.log')
        run.log.write()
        run.start()
        run.scrape()
    run.report('identities do not depend on the device number')
    run.end()


def see_an_error_of_one(lab):
    run = Run(lab, 'planted', lab.folder('planted'))
    run.log.write()
    run.start()
    run.scrape()
    lab.check('a scrape without a fault is exact', not run.wrong, run.wrong)
    lab.sees_an_error_of_one(run.log.figures())
    for values in ({'sent_bytes_total': 1}, {'sent_bytes_total': -2}):
        run.log.add(values)
        run.scrape()
        lab.refuses(f'a scrape that differs from the figures by one, {values}', run.wrong)
        run.wrong = []
    run.end()


def main(lab, everything):
    see_an_error_of_one(lab)
    disks = ['ext4', *(['xfs'] if everything else [])]
    for kind in (*disks, 'tmpfs'):
        with Mounts(lab) as mounts:
            test_exactness(lab, mounts, kind)
            test_full_disk(lab, mounts, kind)
            test_full_at_the_start(lab, mounts, kind)
    with Mounts(lab) as mounts:
        test_overlay(lab, mounts)
        test_bind_mount(lab, mounts)
    for kind in disks:
        with Mounts(lab) as mounts:
            test_mounted_anew(lab, mounts, kind)


def skip(why):
    print(f'skipped: {why}')
    sys.exit(SKIPPED)


arguments = argparse.ArgumentParser()
arguments.add_argument('tailmeter', nargs='?')
arguments.add_argument('--all', action='store_true')
options, _ = arguments.parse_known_args()
if IS_NAMESPACE not in os.environ:
    namespace = [path_of('unshare'), '--mount', '--propagation=private']
    probe = [*namespace, 'sh', '-c', f'mount -t tmpfs tmpfs /mnt && {path_of("losetup")} --find']
    if os.getuid() != 0 or subprocess.run(probe, capture_output=True).returncode != 0:
        skip('this user cannot mount here')
    os.environ[IS_NAMESPACE] = '1'
    os.execv(namespace[0], [*namespace, sys.executable, '-B', *sys.argv])
sys.argv[1:] = [options.tailmeter] if options.tailmeter else []
run_test(lambda lab: main(lab, options.all), needs=['mkfs.ext4', *(['mkfs.xfs'] if options.all else [])])
