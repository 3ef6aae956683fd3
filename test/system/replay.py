"""A log that is written once more, to a tailmeter that follows it: what comes of it is what dry-run would print.

The writer gives it random chunks, from one byte to 64 KiB. At a random one it is rotated as nginx's logs are: renamed,
perhaps in the middle of a line; the rest of the line goes to the renamed file, and what follows to a new one. At others
there is a scrape, so that tailmeter has read up to there, and while one is written it is not running: it was killed."""
import gzip
import itertools
import random
import signal
from decimal import Decimal

CHUNK_BYTES_MAX = 64 << 10
SCRAPES = 3
number_of_replay = itertools.count()


def content_of(log):
    """Its bytes, with the newline that a log which is still written to would have behind its last line."""
    data = log.read_bytes()
    if log.suffix == '.gz':
        data = gzip.decompress(data)
    return data if data.endswith(b'\n') else data + b'\n'


def chunks_of(data, rng):
    """Of all sizes alike, from one byte to a third of it all."""
    while data:
        size = min(int(CHUNK_BYTES_MAX ** rng.random()), len(data) // 3 + 1)
        yield data[:size]
        data = data[size:]


class Writer:
    """Appends to a log. Once it was rotated, the line that was begun is ended in the old file."""

    def __init__(self, path):
        self.path = path
        self.is_renamed = False
        self.open()

    def open(self):
        self.file = self.path.open('ab', buffering=0)

    def rotate(self):
        self.path.rename(f'{self.path}.1')
        self.is_renamed = True

    def write(self, chunk):
        if self.is_renamed:
            end, newline, chunk = chunk.partition(b'\n')
            self.file.write(end + newline)
            if newline:
                self.file.close()
                self.open()
                self.is_renamed = False
        self.file.write(chunk)


def printed(metrics, source):
    """The scrape in the form of what dry-run prints with --format=json."""
    samples = metrics.samples
    lines = {outcome: int(samples[f'tailmeter_lines_total{{outcome="{outcome}",source="{source}"}}'])
             for outcome in ('matched', 'unmatched', 'oversize')}
    found = [{'name': name, 'labels': labels, 'value': value} for name, labels, value in metrics.user_samples()]
    return {'lines': sum(lines.values()), **lines, 'metrics': found}


def replay(lab, words, log, source, seed):
    """Runs `tailmeter run` with these words on a copy of the log that is being written. The seed gives the moments."""
    rng = random.Random(f'{seed} {log.name}')
    chunks = list(chunks_of(content_of(log), rng))
    moments = range(1, len(chunks))
    rotation, kill, *scrapes = (rng.choice(moments) for _ in range(2 + SCRAPES))
    name = f'replay-{next(number_of_replay)}'
    writer = Writer(lab.folder(name) / log.name.removesuffix('.gz'))
    follower = lab.follow(*words, writer.path, name=name)
    follower.metrics()                     # from here on its state knows the log, and that it begins with nothing
    for number, chunk in enumerate(chunks):
        if number in scrapes:
            follower.metrics()
        if number == kill:
            follower.server.stop(signal.SIGKILL)
        if number == rotation:
            writer.rotate()
        writer.write(chunk)
        if number == kill:
            follower = lab.follow(*words, writer.path, name=name)
    metrics = follower.metrics()
    follower.server.stop()
    writer.file.close()
    counted = metrics[f'tailmeter_bytes_total{{source="{source}"}}']
    written = Decimal(sum(map(len, chunks)))
    lab.check(f'{log.name}, live: each byte counts (seed {seed})', counted == written, f'{counted}, written {written}')
    return printed(metrics, source)
