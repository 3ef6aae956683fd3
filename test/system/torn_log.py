"""A log whose writer tears lines, rotates by renaming and goes on in the old file, and keeps every byte; and the rules
that tell its lines apart."""
import re
import time

from exposition import series

KEPT = 60
STATUSES = ('200', '304', '404', '503')
RULES = '''
sources:
  - name: web
    files: [{log}]
    start_at: beginning
    format: '$remote_addr "$request" $status $body_bytes_sent $number'
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
  - counter: numbers_total
    help: Sum of the lines' numbers, drawn by lot, so that a line too few and another too often do not cancel out.
    source: web
    value: $number
'''
LINE = re.compile(rb'192\.0\.2\.\d+ "GET /\d HTTP/1\.1" (\d+) (\d+) (\d+)\n')


def figures_of(lines):
    """The samples that (status, size, number) of lines amount to."""
    figures = {}
    for status, size, number in lines:
        add(figures, status, size, number)
    return figures


def add(figures, status, size, number):
    for key, value in ((series('requests_total', status=status), 1), ('size_bytes_sum', size), ('size_bytes_count', 1),
                       ('numbers_total', number)):
        figures[key] = figures.get(key, 0) + value


class Writer:
    """Writes the log, rotates it, and keeps what it wrote: each byte, and the figures of the lines of which every byte is
    written (`done`), or at least one may be (`begun`). These two are replaced, never changed, so that another thread can
    read them."""

    def __init__(self, path, rng):
        self.path, self.rng = path, rng
        self.kept = {}              # bytes by file
        self.begun = self.done = {}
        self.rotations = 0
        self.ends = []              # at each rotation, how many lines were begun
        self.durable = None         # of how many lines an answer said that they are; None: nobody asks
        self.file = self.open()
        self.old = None             # the file before the last rotation

    def open(self):
        file = self.path.open('ab', buffering=0)
        self.kept[file] = bytearray()
        return file

    def put(self, file, data):
        assert file.write(data) == len(data)
        self.kept[file] += data

    def begin(self, lines):
        """The text of new lines, not written yet."""
        figures, text = dict(self.begun), ''
        for _ in range(lines):
            status, size, number = self.rng.choice(STATUSES), self.rng.randrange(200), self.rng.getrandbits(32)
            text += f'192.0.2.{self.rng.randrange(256)} "GET /{self.rng.randrange(9)} HTTP/1.1" {status} {size} {number}\n'
            add(figures, status, size, number)
        self.begun = figures
        return text.encode()

    def cut(self, data):
        at = self.rng.randrange(len(data) + 1)
        return data[:at], data[at:]

    def write(self, lines, file=None):
        self.put(file or self.file, self.begin(lines))
        self.done = self.begun

    def write_torn(self, lines):
        for piece in self.cut(self.begin(lines)):
            self.put(self.file, piece)
            time.sleep(self.rng.random() * 0.005)
        self.done = self.begun

    def rotate(self):
        """As logrotate does, while the writer goes on with the old file, in the middle of a line. Not if a file would be
        removed whose lines may not be durable: on a machine that is busy with other things, no number of files is enough."""
        if self.durable is not None and len(self.ends) > KEPT - 3 and self.ends[3 - KEPT] > self.durable:
            return
        self.ends.append(self.begun.get('size_bytes_count', 0))
        first, rest = self.cut(self.begin(1 + self.rng.randrange(3)))
        self.put(self.file, first)
        for number in range(KEPT - 1, 0, -1):
            rotated = self.path.with_name(f'{self.path.name}.{number}')
            if rotated.exists():
                rotated.rename(self.path.with_name(f'{self.path.name}.{number + 1}'))
        self.path.rename(self.path.with_name(f'{self.path.name}.1'))
        self.put(self.file, rest)
        self.done = self.begun
        self.write(self.rng.randrange(3))
        if self.old:
            self.old.close()
        self.old, self.file = self.file, self.open()
        self.write(self.rng.randrange(3), self.old)
        self.rotations += 1

    def go_on(self):
        dice = self.rng.random()
        if dice < 0.08:
            self.rotate()
        elif dice < 0.3:
            self.write_torn(1 + self.rng.randrange(20))
        elif dice < 0.4 and self.old:
            self.write(1 + self.rng.randrange(3), self.old)
        else:
            self.write(self.rng.randrange(30))
        time.sleep(self.rng.random() * 0.02)

    def recount(self):
        """The figures once more, from the bytes."""
        lines = b''.join(map(bytes, self.kept.values())).splitlines(keepends=True)
        return figures_of((status.decode(), int(size), int(number)) for status, size, number in
                          (LINE.fullmatch(line).groups() for line in lines))
