"""Does tailmeter count each line once when it is killed at any system call, or any system call fails?

A script writes and rotates a log and scrapes. It is run once for each call that the program makes, and strace kills it
there or lets the call fail.
A case is SCRIPT:SCOPE:CALL:FAULT:N: in that script, the Nth call of that name that has to do with the files of that
scope; each thread counts its own. The fault is KILL, an error, or with a + an error of this and all later such calls.
What is the Nth call depends a little on the machine's speed: a case that went wrong may take some runs to do so again.

  --sample=K   each Kth case, from one that the --seed chooses
  --all        all cases, and on until there is no Nth call
  --only=CASE  one of them"""
import argparse
import concurrent.futures
import random
import re
import sys
import threading
from collections import Counter

from fault_experiment import SCRIPTS, Case, Experiment, Wrong
from lab import SKIPPED, run_test, wait_until

OPEN = ('EACCES', 'EMFILE', 'ENFILE', 'ENOMEM', 'EINTR', 'EIO', 'ESTALE')
LOOK = ('EACCES', 'ENOMEM', 'EIO', 'ESTALE')
STATE_OPEN = (*OPEN, 'ENOSPC', 'EROFS')
STATE = {
    'openat': STATE_OPEN, 'fcntl': ('ENOLCK', 'ENOMEM'), 'newfstatat': LOOK, 'statx': LOOK, 'name_to_handle_at': LOOK,
    'pread64': ('EIO', 'EINTR'), 'pwrite64': ('ENOSPC', 'EIO', 'EINTR', 'EDQUOT', 'ENOSPC+', 'EIO+'),
    'fdatasync': ('ENOSPC', 'EIO', 'EINTR', 'EDQUOT', 'ENOSPC+', 'EIO+'), 'fsync': ('EIO', 'EINTR', 'EIO+'),
    'fsetxattr': ('ENOSPC', 'EIO', 'EOPNOTSUPP'), 'fgetxattr': ('ENOMEM', 'EIO', 'EOPNOTSUPP'),
    'rename': ('EACCES', 'ENOSPC', 'EIO', 'ENOSPC+'), 'unlink': ('EACCES', 'EIO', 'EROFS'), 'close': ('EIO', 'EINTR'),
}
# What can go wrong, by scope and call. Others cannot fail for a reason that lies outside the program.
ERRORS = {
    'log': {'openat': OPEN, 'statx': LOOK, 'newfstatat': LOOK, 'name_to_handle_at': LOOK,
            'pread64': ('EIO', 'EINTR', 'ENOMEM'), 'getdents64': ('EIO', 'ENOMEM', 'ESTALE'),
            'readlink': LOOK, 'inotify_add_watch': ('EACCES', 'ENOMEM', 'ENOSPC'), 'close': ('EIO', 'EINTR')},
    'state': STATE,
    'new': STATE,
    'any': {'inotify_init1': ('EMFILE', 'ENOMEM'), 'epoll_create1': ('EMFILE', 'ENOMEM'),
            'epoll_ctl': ('ENOMEM', 'ENOSPC'), 'inotify_rm_watch': ('EINVAL',), 'eventfd2': ('EMFILE', 'ENOMEM'),
            'signalfd4': ('EMFILE', 'ENOMEM'),
            'socket': ('EMFILE', 'ENOMEM'), 'bind': ('EADDRINUSE',), 'listen': ('EADDRINUSE',), 'clone3': ('EAGAIN',),
            'accept': ('ECONNABORTED', 'EINTR', 'EMFILE', 'ENFILE', 'ENOMEM'), 'poll': ('EINTR', 'ENOMEM'),
            'read': ('EINTR',), 'recvfrom': ('ECONNRESET', 'EINTR'), 'sendto': ('ECONNRESET', 'EINTR', 'ENOMEM', 'EPIPE'),
            'write': ('EINTR', 'EIO', 'ENOSPC'), 'openat': ('EMFILE', 'ENFILE', 'ENOMEM'), 'getdents64': ('ENOMEM',),
            'setsockopt': ('ENOMEM',)},
}
ALSO_KILLED_AT = {'any': ('close', 'exit_group')}       # elsewhere, at whatever call there is


def count_calls(lab, script, scope):
    """How often a run without a fault makes each call: (before it opens the rule file, in the thread with the most)."""
    experiment = Experiment(lab, Case(script, scope, '', '', 0))
    with experiment:
        experiment.prepare()
        experiment.start(traced=True)
        for step in experiment.steps():
            experiment.do(step)
        experiment.see_an_error_of_one()
        pid = experiment.follower.server.pid
        experiment.stop()
        trace = wait_until('strace ends', lambda: re.fullmatch(
            rf'(?s)(.*)^{pid} +\+\+\+ exited.*', experiment.trace.read_text(errors='replace'), re.M))[1]
    calls = re.findall(r'^(\d+) +(\w+)\((.*)', trace, re.M)
    opening = next((i for i, (_, name, rest) in enumerate(calls) if name == 'openat' and '/rules.yml"' in rest), 0)
    before = Counter(name for _, name, _ in calls[:opening])
    most = {}
    for (_, name), number in Counter((thread, name) for thread, name, _ in calls).items():
        most[name] = max(most.get(name, 0), number)
    return {name: (before[name], number) for name, number in most.items() if number > before[name]}


def cases_of(lab, script, scope):
    killed_at = {*ERRORS[scope], *ALSO_KILLED_AT.get(scope, ())}
    for call, (before, most) in sorted(count_calls(lab, script, scope).items()):
        faults = ['KILL'] if scope != 'any' or call in killed_at else []
        for fault in [*faults, *ERRORS[scope].get(call, ())]:
            yield from (Case(script, scope, call, fault, number) for number in range(before + 1, most + 1))


class Sweep:
    """Runs cases, several at a time, and reports those that went wrong."""

    def __init__(self, lab, jobs):
        self.lab, self.pool = lab, concurrent.futures.ThreadPoolExecutor(jobs)
        self.ran, self.met = Counter(), Counter()
        self.lock = threading.Lock()

    def run_one(self, case):
        """Whether there was such a call."""
        try:
            with Experiment(self.lab, case) as experiment:
                has_come, wrong = experiment.run(), None
        except Wrong as error:
            has_come, wrong = True, error
        with self.lock:
            self.ran[case.group] += 1
            self.met[case.group] += has_come
            if wrong:
                self.lab.check(f'nothing is lost or counted twice: --only={case}', False, wrong)
        return has_come

    def run(self, cases):
        list(self.pool.map(self.run_one, cases))

    def run_on(self, last):
        """What comes after the last case of a group."""
        while self.run_one(last := last._replace(number=last.number + 1)):
            pass

    def report(self):
        for script, scope in sorted({group[:2] for group in self.ran}):
            faults = [f'{call} {fault} {self.met[script, scope, call, fault]}' for *of, call, fault in sorted(self.ran)
                      if of == [script, scope]]
            print(f'# {script}, {scope}: {", ".join(faults)}')


def main(lab, options):
    if lab.run('strace', '-o', '/dev/null', 'true').returncode != 0:
        print('skipped: strace cannot trace here')
        sys.exit(SKIPPED)
    sweep = Sweep(lab, options.jobs)
    if options.only:
        script, scope, call, fault, number = options.only.split(':')
        case = Case(script, scope, call, fault, int(number))
        lab.check(f'{case} comes to pass', sweep.run_one(case))
        return
    cases = [case for script, scopes in SCRIPTS.items() for scope in scopes for case in cases_of(lab, script, scope)]
    step = 1 if options.all else options.sample
    sweep.run(cases[random.Random(options.seed).randrange(step)::step])
    if options.all:
        last = {case.group: case for case in cases}
        list(sweep.pool.map(sweep.run_on, last.values()))
    sweep.report()
    ran, met = sum(sweep.ran.values()), sum(sweep.met.values())
    lab.check(f'each line is counted once, whatever fails: {met} faults in {ran} runs of {len(cases)} cases',
              not lab.failed and met > ran * 3 // 4)


arguments = argparse.ArgumentParser()
arguments.add_argument('tailmeter', nargs='?')
arguments.add_argument('--sample', type=int, default=16)
arguments.add_argument('--seed', type=int, default=1)
arguments.add_argument('--all', action='store_true')
arguments.add_argument('--only')
arguments.add_argument('--jobs', type=int, default=3)
options, _ = arguments.parse_known_args()
sys.argv[1:] = [options.tailmeter] if options.tailmeter else []
run_test(lambda lab: main(lab, options), needs=['strace'])
