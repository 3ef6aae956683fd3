"""A log that is written, rotated in both ways, and knows what was written to it."""
import itertools
import shutil

from exposition import series
from lab import differences

FORMAT = '$remote_addr "$request" $status $body_bytes_sent "$http_user_agent"'
RULES = f'''
sources:
  - name: web
    files: [{{log}}]
    start_at: beginning
    format: '{FORMAT}'
metrics:
  - counter: requests_total
    help: Requests.
    source: web
    labels: {{{{status: $status}}}}
  - counter: agents_total
    help: Requests by user agent.
    source: web
    labels: {{{{agent: $http_user_agent}}}}
  - counter: sent_bytes_total
    help: Bytes.
    source: web
    value: $body_bytes_sent
'''
STATUSES = ('200', '304', '404', '503')
LOST = ('truncated_unread', 'unreadable', 'vanished')


class RotatingLog:
    """No two lines are alike, but all rotated files begin with lines of the same length."""

    def __init__(self, path, keep=40):
        self.keep = keep
        self.open(path)
        self.number = itertools.count()
        self.count = {}                                 # what the lines that have ended come to, by series
        self.rotations = 0

    def open(self, path):
        """Goes on with the log at that path."""
        self.path = path
        self.file, self.old = path.open('a'), None      # the file that is the log, and the one before

    def compose(self, agent='test'):
        """A new line, and what it adds to which series."""
        number = next(self.number)
        status, size = STATUSES[number * 7 % 11 % 4], number * number % 1000
        text = f'192.0.2.{number % 256} "GET /{number:07} HTTP/1.1" {status} {size:03} "{agent}"\n'
        return text, {series('requests_total', status=status): 1,
                      series('agents_total', agent=agent): 1,
                      'sent_bytes_total': size,
                      series('tailmeter_lines_total', source='web', outcome='matched'): 1,
                      series('tailmeter_bytes_total', source='web'): len(text)}

    def add(self, values):
        for key, value in values.items():
            self.count[key] = self.count.get(key, 0) + value

    def put(self, text, to=None):
        to = to or self.file
        to.write(text)
        to.flush()

    def write(self, lines=3, to=None, agents=itertools.repeat('test')):
        composed = [self.compose(agent) for _, agent in zip(range(lines), agents)]
        for _, values in composed:
            self.add(values)
        self.put(''.join(text for text, _ in composed), to)

    def write_first_half(self):
        text, self.half_values = self.compose()
        self.put(text[:20])
        self.second_half = text[20:]

    def write_second_half(self):
        self.add(self.half_values)
        self.put(self.second_half)

    def shift(self):
        """Makes room for a rotated file with the number 1."""
        self.rotations += 1
        for number in range(min(self.rotations, self.keep), 0, -1):
            rotated = self.path.with_name(f'{self.path.name}.{number}')
            if rotated.exists():
                rotated.rename(self.path.with_name(f'{self.path.name}.{number + 1}'))
        return self.path.with_name(f'{self.path.name}.1')

    def rename(self, late=2):
        """Rotates it. The writer goes on with the old file for some lines, also when there are some in the new one."""
        self.path.rename(self.shift())
        self.write(late)
        if self.old:
            self.old.close()
        self.old, self.file = self.file, self.path.open('a')
        self.write(late)
        self.write(late, self.old)

    def copy_truncate(self):
        shutil.copyfile(self.path, self.shift())
        self.file.truncate(0)

    def close(self):
        for file in (self.file, self.old):
            if file:
                file.close()

    def figures(self):
        """What a scrape has to say now."""
        lost = {series('tailmeter_lost_bytes_total', source='web', reason=reason): 0 for reason in LOST}
        return {**lost, **self.count}

    def wrong(self, metrics):
        """In what the scrape differs from the figures, a line each."""
        samples = metrics.samples
        wanted = self.figures()
        return differences({key: samples[key] for key in wanted if key in samples} | metrics.user(), wanted)
