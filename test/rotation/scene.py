"""Where an event takes place: a directory of its own, a log in it, and an exporter that follows the log."""
import contextlib
import os
import pathlib
import signal
import sys
import time
from dataclasses import dataclass
from typing import Callable

from lab import Lab
from log import Log, numbers_in
from truth import Truth

FOLDER = pathlib.Path(__file__).resolve().parent
EVENTS = {}


@dataclass(frozen=True)
class Event:
    name: str
    sentence: str
    body: Callable[['Scene'], None]
    needs: tuple = ()  # programs
    is_killing: bool = False


def event(kill=False, needs=()):
    """Makes a function an event; its docstring is the sentence. With kill there is a second event, NAME+kill, in which
    the exporter is killed at each moment() and down()."""
    def register(body):
        name = body.__name__.replace('_', '-')
        EVENTS[name] = Event(name, body.__doc__, body, needs)
        if kill:
            EVENTS[f'{name}+kill'] = Event(f'{name}+kill', 'the same, with kill -9', body, needs, is_killing=True)
        return body
    return register


class Appender:
    """Another process that appends to a log, some 1,000 lines a second."""

    def __init__(self, lab, log, lines):
        numbers = log.take(lines)
        self.process = lab.start('appender', sys.executable, '-B', FOLDER / 'appender.py', log.path, numbers[0], lines,
                                 unprivileged=False).process

    @contextlib.contextmanager
    def paused(self):
        self.process.send_signal(signal.SIGSTOP)
        if self.process.returncode is None:  # it has not ended yet
            os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        yield
        self.process.send_signal(signal.SIGCONT)

    def join(self):
        if self.process.wait(60) != 0:
            raise RuntimeError(f'the appender ended with {self.process.returncode}')


class Scene:
    def __init__(self, exporter, binary, is_killing):
        self.lab = Lab()
        self.dir = self.lab.folder('log')
        self.make_exporter = lambda pattern: exporter(self.lab, pattern, binary)
        self.is_killing = is_killing
        self.exporter = None
        self.logs = []
        self.may_lack_lines = False  # somebody wrote between copy and truncation: the files say what must be counted

    # What events are made of.

    def log(self, name='access.log', **options):
        """A writer, whose numbers go on where those of the others before end."""
        self.logs.append(Log(self.dir / name, first=self.logs[-1].next if self.logs else 1, **options))
        return self.logs[-1]

    def linked_log(self, name):
        """The same, to which the name access.log leads from now on."""
        log, link = self.log(name), self.dir / 'link'
        log.next += 1000 * len(self.logs)  # the one before may go on
        link.symlink_to(name)
        link.rename(self.dir / 'access.log')
        return log

    def follow(self, pattern='access.log'):
        """Starts the exporter, and lets it know the log: one that is killed before has nothing to go on from."""
        self.exporter = self.make_exporter(self.dir / pattern)
        self.exporter.start()
        self.exporter.read()

    def followed_log(self, **options):
        log = self.log(**options)
        self.follow()
        return log

    def wait_until_read(self, seconds=2):
        """Until the exporter shows all that was written, or some time has passed."""
        deadline = time.monotonic() + seconds
        while self.exporter.read().lines != self.truth().written and time.monotonic() < deadline:
            time.sleep(0.05)

    @contextlib.contextmanager
    def down(self):
        """The exporter is stopped, or killed, and started again."""
        if self.is_killing:
            self.exporter.kill()
        else:
            self.exporter.stop()
        yield
        self.exporter.start()

    def moment(self):
        """One to kill the exporter at."""
        if self.is_killing:
            with self.down():
                pass

    def appender(self, log, lines):
        return Appender(self.lab, log, lines)

    # What came of it.

    def truth(self):
        written = [number for log in self.logs for number in log.numbers]
        if not self.may_lack_lines:
            return Truth(written)
        held = {number for file in self.dir.iterdir() for number in numbers_in(file)}
        return Truth(sorted(held), tuple(set(written) - held))

    def end(self):
        for log in self.logs:
            log.file.close()
        self.lab.end()
