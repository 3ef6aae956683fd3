"""A log that is written and rotated as servers and logrotate do it; each of its lines has a number of its own."""
import gzip
import os
import re
import shutil
import subprocess
import time

LINE = '203.0.113.7 - - [22/Nov/2026:06:25:01 +0000] "GET /{path} HTTP/1.1" 200 {number} "-" "curl/8"\n'
HEADER = b'# ' + b'-' * 597 + b'\n'
NUMBER = re.compile(rb' (\d+) "-" "curl/8"\n')


def line(number, path='v2'):
    return LINE.format(path=path, number=number).encode()


def numbers_in(path):
    """The numbers of the whole lines of a file."""
    return [int(number) for number in NUMBER.findall(path.read_bytes())]


def compress(path, suffix):
    """As logrotate does it: the new file is whole before the old one goes."""
    target = path.with_name(path.name + suffix)
    if suffix == '.gz':
        target.write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    else:
        subprocess.run(['zstd', '--quiet', '--rm', path, '-o', target], check=True)


class Log:
    """The writer of one log, which knows the numbers of the lines that it wrote."""

    def __init__(self, path, first=1, mode='ab', header=b''):
        self.path, self.mode, self.header = path, mode, header
        self.next = first
        self.numbers = []
        self.open()

    def write(self, lines, every=0.0):
        """Writes lines, all at once or one each `every` seconds."""
        numbers = self.take(lines)
        if every:
            for number in numbers:
                self.file.write(line(number))
                time.sleep(every)
        else:
            self.put(b''.join(map(line, numbers)))

    def take(self, lines):
        """Numbers for lines that are written in another way."""
        numbers = range(self.next, self.next + lines)
        self.next += lines
        self.numbers += numbers
        return numbers

    def put(self, text):
        rest = memoryview(text)
        while rest:
            rest = rest[self.file.write(rest):]

    def open(self):
        is_new = not self.path.exists()
        self.file = self.path.open(self.mode, buffering=0)
        if is_new:
            self.put(self.header)

    def reopen(self):
        """What a server does when it is told to: from now on it writes to the file that has the name."""
        self.file.close()
        self.open()

    # Rotation. The writer goes on with the file that it has open.

    def named(self, suffix):
        return self.path.with_name(self.path.name + suffix)

    def rename(self, target=None):
        """To access.log.1, what has that name to access.log.2, and so on; or to the target."""
        if not target:
            target = self.named('.1')
            self.shift()
        self.path.rename(target)

    def rotate(self, target=None):
        self.rename(target)
        self.reopen()

    def rotate_and_compress(self, suffix, is_delayed=False):
        """With delaycompress it is the file of the rotation before that is compressed."""
        self.rotate()
        rotated = self.named('.2' if is_delayed else '.1')
        if rotated.exists():
            compress(rotated, suffix)

    def copy(self):
        self.shift()
        shutil.copyfile(self.path, self.named('.1'))

    def truncate(self):
        os.truncate(self.path, 0)

    def copytruncate(self):
        self.copy()
        self.truncate()

    def copy_over(self, suffix):
        """Into the file that has the name, if there is one: `cp` or `gzip -c`, and `: > access.log`."""
        content = self.path.read_bytes()
        self.named(suffix).write_bytes(gzip.compress(content) if suffix.endswith('.gz') else content)
        self.truncate()

    def shift(self):
        rotated = [(int(match[1]), match[2], path) for path in self.path.parent.iterdir()
                   if (match := re.fullmatch(re.escape(self.path.name) + r'\.(\d+)(|\.gz|\.zst)', path.name))]
        for number, suffix, path in sorted(rotated, reverse=True):
            path.rename(self.named(f'.{number + 1}{suffix}'))
