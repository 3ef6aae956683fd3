"""The results of events, as a table for a terminal or in Markdown."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """What came of one run of an event."""
    written: int
    counted: int | None  # None if nothing could be counted
    fault: str           # '' if the count is exact
    remark: str = ''
    log: str = ''        # what the exporter wrote, if there is a fault


def span(numbers, form=''):
    """The numbers of several runs: one if they agree."""
    numbers = [number for number in numbers if number is not None]
    if not numbers:
        return '-'
    low, high = format(min(numbers), form), format(max(numbers), form)
    return low if low == high else f'{low}..{high}'


def verdict(results):
    faults = {result.fault for result in results if result.fault}
    if not faults:
        remark = results[-1].remark
        return f'exact ({remark})' if remark else 'exact'
    differences = {fault for fault in faults if fault[0] in '+-'}
    said = ([span(map(int, differences), '+')] if differences else []) + sorted(faults - differences)
    wrong = sum(bool(result.fault) for result in results)
    return ', '.join(said) + (f' ({wrong} of {len(results)} runs)' if len(results) > 1 else '')


def is_failure(name, results):
    """mtail fails only where nothing could be counted."""
    return any(run.fault and (name == 'tailmeter' or run.counted is None) for runs in results.values() for run in runs)


def rows_of_one(events, results):
    """`results` are lists, by the event's name."""
    yield 'event', 'written', 'counted', 'result', 'what happens'
    for event in events:
        runs = results[event.name]
        yield (event.name, span(run.written for run in runs), span(run.counted for run in runs), verdict(runs),
               event.sentence)


def rows_side_by_side(events, results_by_exporter):
    yield 'event', 'what happens', 'written', *results_by_exporter
    for event in events:
        columns = [results[event.name] for results in results_by_exporter.values()]
        yield (event.name, event.sentence, span(run.written for runs in columns for run in runs),
               *(verdict(runs) if not any(run.fault for run in runs) else f'**{span(run.counted for run in runs)}**'
                 for runs in columns))


def rendered(rows, is_markdown):
    rows = [list(map(str, row)) for row in rows]
    if is_markdown:
        rows.insert(1, ['---'] * len(rows[0]))
        return '\n'.join('| ' + ' | '.join(row) + ' |' for row in rows)
    widths = [max(map(len, column)) for column in zip(*rows)]
    return '\n'.join('  '.join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)
