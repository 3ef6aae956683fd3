"""A run of tailmeter that strace kills, or lets a system call fail in, while a script writes and rotates its log."""
import http.client
import itertools
import os
import pathlib
import re
import shutil
import signal
from typing import NamedTuple

from exposition import Exposition
from lab import Follower, fetch, wait_until
from rotating_log import RULES, RotatingLog

# The files of a scope, below the experiment's folder.
PATHS = {
    'log': ['log', 'log/access.log', *(f'log/access.log.{number}' for number in range(1, 9))],
    'state': ['state', 'state/tailmeter.state'],
    'new': ['state/tailmeter.state.new'],               # what becomes the state
    'any': [],                                          # all calls from the opening of the rule file on
}
# A first start; one that has to find what was rotated meanwhile; and a state that becomes too large for its slots.
SCRIPTS = {'first': PATHS, 'again': PATHS, 'growth': ('state', 'new')}
AGENTS, AGENT_BYTES = 4500, 240                         # more than a first slot of the state holds
PATIENCE_S = 10
DURABLE = 'tailmeter_durable'


class Case(NamedTuple):
    script: str
    scope: str
    call: str
    fault: str
    number: int

    def __str__(self):
        return ':'.join(map(str, self))

    @property
    def group(self):
        return self[:-1]

    @property
    def is_lasting(self):
        return self.fault.endswith('+')

    def expression(self):
        what = 'signal=KILL' if self.fault == 'KILL' else f'error={self.fault.rstrip("+")}'
        return f'{self.call}:{what}:when={self.number}{"+" if self.is_lasting else ""}'


class Wrong(Exception):
    """Tailmeter did not keep its promise."""


class Ended(Exception):
    """Tailmeter ended while the script still needed it."""


class Experiment:
    """One run of a script in a folder of its own."""

    def __init__(self, lab, case):
        self.lab, self.case = lab, case
        self.name = str(next(self.numbers))
        self.dir = lab.folder(self.name)
        for folder in ('log', 'state'):
            lab.folder(f'{self.name}/{folder}')
        self.log = RotatingLog(self.dir / 'log/access.log')
        lab.write(f'{self.name}/rules.yml', RULES.format(log=self.log.path))
        self.trace = self.dir / 'trace'
        self.shown = {}                                 # the last scrape's values
        self.follower = None
        self.done = []                                  # what has been done, for who has to find out what went wrong
        self.missing = []                               # what the last scrape said that was not exact
        self.is_strict = True                           # does each scrape have to be exact at once?

    numbers = itertools.count(1)

    # The program.

    def start(self, traced=False):
        """Starts it and waits until it is ready; Ended if it ends before that."""
        words = [self.lab.tailmeter, 'run', f'--config.file={self.dir}/rules.yml', f'--state.dir={self.dir}/state',
                 f'--web.listen-address=unix:{self.dir}/http']
        if traced:
            paths = [word for path in PATHS[self.case.scope] for word in ('-P', self.dir / path)]
            fault = ['-e', f'trace={self.case.call}', '-e', f'inject={self.case.expression()}'] if self.case.call else []
            # What a seccomp filter stops at cannot be killed there, and cannot go on without strace.
            fast = ['--seccomp-bpf'] if fault and self.case.fault != 'KILL' and not self.case.is_lasting else []
            words = ['strace', '-D', '-f', '-q', *fast, '-o', self.trace, *paths, *fault, '--', *words]
        server = self.lab.start(self.name, *words, unprivileged=False)
        self.follower = Follower(server, self.dir / 'http')
        self.patiently('is ready', lambda: fetch(self.follower.address, '/-/ready')[0] == 200)

    def patiently(self, sentence, condition):
        def ended_or():
            self.see_it_run()
            return condition()
        return wait_until(sentence, ended_or, PATIENCE_S)

    def see_it_run(self):
        if self.follower.server.process.poll() is not None:
            raise Ended

    def stop(self, number=signal.SIGTERM):
        code = self.follower.server.stop(number)
        if code != (0 if number == signal.SIGTERM else -number):
            raise Ended

    def injected(self):
        """How often strace did what it was asked for. A killed call leaves no trace but the end."""
        return self.trace.read_text(errors='replace').count('(INJECTED)')

    # The steps of the script.

    def do(self, step):
        self.done.append(step.__name__)
        step()

    def scrape(self):
        if self.is_strict:
            self.look(self.patiently('answers in time', self.fresh_answer), exact=True)
        else:
            self.patiently('answers', lambda: self.answer(exact=False))

    def fresh_answer(self):
        """One that does not say that it is an older one, as a machine that is busy with other things gets."""
        metrics = self.follower.metrics()
        return metrics if metrics['tailmeter_catching_up'] == 0 else None

    def answer(self, exact):
        """The scrape, or None if there is none, or if it has to be exact and is not yet."""
        status, _, body = fetch(self.follower.address, '/metrics')
        if status != 200:
            return None
        metrics = Exposition(body)
        self.look(metrics, exact=False)
        self.missing = self.log.wrong(metrics)
        return None if exact and self.missing else metrics

    def look(self, metrics, exact):
        """Refuses less than a scrape said before, more than was written, and, if it has to be exact, also less."""
        wanted = self.log.figures()
        seen = {key: value for key, value in metrics.samples.items() if key in wanted}
        found = [f'{key}: {seen.get(key)} after {value}' for key, value in self.shown.items()
                 if seen.get(key, -1) < value]
        found += [f'{key}: {value} of {wanted[key]}' for key, value in seen.items() if value > wanted[key]]
        found += self.log.wrong(metrics) if exact else []
        if found:
            raise Wrong('\n'.join(found[:8]))
        self.shown = seen

    def steps(self):
        log, scrape = self.log, self.scrape
        if self.case.script == 'first':
            return [scrape, log.write, scrape, log.rename, scrape, log.write, log.copy_truncate, log.write, scrape,
                    log.write_first_half, scrape, log.write_second_half, log.rename, log.write, scrape,
                    log.copy_truncate, scrape]
        if self.case.script == 'again':
            return [scrape, log.write, scrape, log.copy_truncate, log.write, scrape, log.rename, log.write, scrape]

        def write_agents():
            log.write(AGENTS, agents=agents)
        agents = (f'{number:0{AGENT_BYTES}}' for number in range(AGENTS))
        return [log.write, write_agents, scrape, log.write, scrape]

    # The cases.

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.follower:
            self.follower.server.stop(signal.SIGKILL)
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def run(self):
        """True if the fault came, False if the program does not make so many of these calls; Wrong."""
        try:
            self.prepare()
            return self.kill() if self.case.fault == 'KILL' else self.fail()
        except Exception as error:
            server = self.follower.server
            code = server.process.poll()
            state = 'runs' if code is None else f'ended with {code}'
            raise Wrong('\n'.join([f'{type(error).__name__}: {error}', *self.missing[:4], f'steps: {", ".join(self.done)}',
                                   f'tailmeter {state}:', server.output()[-1500:]])) from error

    def see_an_error_of_one(self):
        self.log.add({'sent_bytes_total': 1})
        try:
            self.scrape()
            is_refused = False
        except Wrong:
            is_refused = True
        self.lab.refuses(f'a figure that is off by one ({self.case.script}, {self.case.scope})', is_refused)

    def prepare(self):
        log = self.log
        log.write(5)
        if self.case.script == 'first':
            return
        self.start()
        steps = [self.scrape, log.rename, log.write, self.scrape, self.stop]
        if self.case.script == 'again':
            steps += [log.write, log.rename, log.write, log.copy_truncate, log.write]
        for step in steps:
            self.do(step)

    def kill(self):
        steps, at = self.steps(), 0
        has_answered = self.case.script != 'first'
        try:
            self.start(traced=True)
            for at, step in enumerate(steps):
                self.do(step)
                has_answered = has_answered or step == self.scrape
            self.stop()
            at = len(steps)
        except (OSError, http.client.HTTPException, Ended):
            if self.follower.server.process.wait(PATIENCE_S) != -signal.SIGKILL:
                raise
        else:
            return False
        self.done.append('killed')
        # What was rotated away before the first record was written is not tailmeter's to find.
        if has_answered and self.case.number % 2 == 0:
            for step in steps[at:]:
                if step != self.scrape:
                    self.do(step)
            at = len(steps)
        self.do(self.start)
        for step in [*steps[at:], self.scrape]:
            self.do(step)
        self.stop()
        return True

    def fail(self):
        self.is_strict = False
        try:
            self.start(traced=True)
        except Ended:
            self.see_it_refused_to_start()
            self.start()
        for step in self.steps():
            self.see_it_run()
            self.do(step)
        if self.case.is_lasting:
            self.outlast()
        self.patiently('all is counted, and durable', self.is_durable)
        self.stop(signal.SIGKILL if self.case.number % 2 == 0 else signal.SIGTERM)
        has_failed = self.injected() > 0
        self.is_strict = True
        self.start()
        self.scrape()
        return has_failed

    def is_durable(self):
        metrics = self.answer(exact=True)
        return metrics and metrics[DURABLE] == 1

    def see_it_refused_to_start(self):
        server = self.follower.server
        if server.process.returncode not in (1, 2) or not re.search('level=error|^tailmeter: ', server.output(), re.M):
            raise Ended

    def outlast(self):
        """While the state cannot be written, values are served and said not to be durable. Then it can be again."""
        self.patiently('all is counted', lambda: self.answer(exact=True))
        if self.injected() and self.tracer():
            self.log.write()
            metrics = self.patiently('all is counted', lambda: self.answer(exact=True))
            if metrics[DURABLE] != 0:
                raise Wrong(f'{DURABLE} {metrics[DURABLE]} while the state cannot be written')
            os.kill(self.tracer(), signal.SIGKILL)      # the program goes on without

    def tracer(self):
        """The process that traces it; 0 if none does."""
        status = pathlib.Path(f'/proc/{self.follower.server.pid}/status').read_text()
        return int(re.search(r'^TracerPid:\s*(\d+)', status, re.M)[1])
