"""Would an exporter that miscounts be refused? Fakes stand in for it, which count the files when they are asked."""
from exporters import Exporter
from log import numbers_in
from scene import EVENTS
from table import Result, is_failure, verdict
from truth import Count, Truth

# What a fake that reads the files of the name, all of them and only then, cannot get wrong.
NOTHING_ROTATES = {'new-file', 'two-halves', 'long-line', 'restart'}
QUICK = 'new-file', 'long-line', 'restart'

JUDGEMENTS = [  # what is written and held by files, what is gone, the count and the sum of numbers; the fault
    ([1, 2, 3], [], 3, 6, ''),
    ([1, 2, 3], [], 2, 5, '-1'),
    ([1, 2, 3], [], 2, 6, '-1'),
    ([1, 2, 3], [], 4, 9, '+1'),
    ([1, 2, 3], [], 3, 7, 'not each once'),
    ([1, 2, 3], [], 0, 0, '-3'),
    ([], [], 0, 0, ''),
    ([1, 2], [3, 4], 2, 3, ''),
    ([1, 2], [3, 4], 3, 6, ''),
    ([1, 2], [3, 4], 3, 7, ''),
    ([1, 2], [3, 4], 4, 10, ''),
    ([1, 2], [3, 4], 3, 5, 'not each once'),
    ([1, 2], [3, 4], 3, 8, 'not each once'),
    ([1, 2], [3, 4], 4, 9, 'not each once'),
    ([1, 2], [3, 4], 1, 3, '-1'),
    ([1, 2], [3, 4], 5, 10, '+1'),
]


class Naive(Exporter):
    """As `grep -c`: counts what the files hold when it is asked."""
    name = 'naive'
    error = 0, 0

    def start(self):
        pass

    stop = kill = start

    def read(self):
        numbers = [number for file in self.pattern.parent.glob(self.pattern.name) for number in numbers_in(file)]
        lines, total = self.error
        return Count(len(numbers) + lines, sum(numbers) + total)


class Losing(Naive):
    error = -1, -7


class Doubling(Naive):
    error = 1, 7


class Swapping(Naive):
    """Loses line 7 and counts line 8 twice."""
    error = 0, 1


class Dead(Naive):
    def read(self):
        raise OSError('nobody listens')


def check(sentence, holds, detail=''):
    print(f'{"ok" if holds else "not ok"} - {sentence}', flush=True)
    if not holds and detail:
        print(f'  # {detail}', flush=True)
    return bool(holds)


def check_judgements():
    for held, gone, lines, numbers, wanted in JUDGEMENTS:
        fault = Truth(held, tuple(gone)).fault(Count(lines, numbers))
        yield check(f'{lines} lines that add up to {numbers}, of {held} and perhaps {gone}: {wanted or "exact"}',
                    fault == wanted, fault)


def check_fakes(run_events):
    honest = [EVENTS[name] for name in QUICK]
    for exporter, is_right in ((Naive, True), (Losing, False), (Doubling, False), (Swapping, False), (Dead, False)):
        results = run_events(honest, exporter, binary=None)
        yield check(f'{exporter.__name__} is {"exact" if is_right else "refused"} where nothing is rotated',
                    all(bool(run.fault) != is_right for runs in results.values() for run in runs), results)
    others = [event for event in EVENTS.values() if not event.is_killing and event.name not in NOTHING_ROTATES]
    results = run_events(others, Naive, binary=None)
    for event in others:
        yield check(f'who only knows the files of the name is refused by {event.name}',
                    all(run.fault and run.counted is not None for run in results[event.name]), results[event.name])


def check_table():
    right, wrong = Result(5, 5, ''), Result(5, 4, '-1')
    yield check('one wrong run of three is no exact row', verdict([right, wrong, right]) == '-1 (1 of 3 runs)')
    yield check('three right ones are', verdict([right] * 3) == 'exact')
    yield check('what several runs lack is a span',
                verdict([Result(5, 2, '-3'), wrong, Result(5, None, 'failed: x')]) == '-3..-1, failed: x (3 of 3 runs)')
    yield check('tailmeter fails if one run of one event is wrong',
                is_failure('tailmeter', {'a': [right], 'b': [right, wrong]}) and
                not is_failure('tailmeter', {'a': [right]}))
    yield check('mtail fails only where nothing was counted',
                is_failure('mtail', {'a': [Result(5, None, 'failed')]}) and not is_failure('mtail', {'a': [wrong]}))


def main(run_events):
    """The exit code; `run_events` is that of the runner."""
    return 0 if all([*check_judgements(), *check_table(), *check_fakes(run_events)]) else 1
