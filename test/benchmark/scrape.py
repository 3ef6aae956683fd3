#!/usr/bin/python3
"""What scrapes cost a tailmeter that runs: scrape.py TAILMETER [--check]

Prints the CPU time of the whole process, kernel's included, for a scrape of 100,000 and of 1,000 series in each form: of one
that nothing has changed since, and of one that has a new record written to the disk. Then the CPU time in which the loop
counts lines into 100,000 series, with a scrape for each second of it and without: by how much counting gets slower. The
client is in another process. With --check ends with 1 if counting gets slower by more than the bar."""
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'system'))

from lab import Lab, fetch  # noqa: E402

SERIES, FEW = 100_000, 1_000
CHUNK_LINES, CHUNKS, ROUNDS, SLOWER_BAR = 2_000_000, 8, 3, 0.03
RULES = '''
sources: [{{name: web, files: [{log}], start_at: beginning, format: '$host $uri $status'}}]
metrics:
  - {{counter: requests_total, source: web, labels: {{host: $host, uri: $uri}}, max_series: {series}}}
'''
FORMS = {
    'text': {'Accept': 'text/plain'},
    'OpenMetrics': {'Accept': 'application/openmetrics-text'},
    'protobuf': {'Accept': 'application/vnd.google.protobuf'},
    'text, gzip': {'Accept': 'text/plain', 'Accept_Encoding': 'gzip'},
}


def line(number):
    return f'host-{number % 100:03} /path/{number:06} 200\n'


def cpu_seconds(pid, main_only=False):
    threads = [pid] if main_only else [int(task.name) for task in pathlib.Path(f'/proc/{pid}/task').iterdir()]
    return sum(int(pathlib.Path(f'/proc/{pid}/task/{thread}/schedstat').read_text().split()[0]) for thread in threads) / 1e9


def scrape_cost(lab, series, state):
    """Milliseconds by form."""
    log = lab.write(f'{series}.log', ''.join(map(line, range(series))))
    follower = lab.follow(f'--config.file={lab.write(f"{series}.yml", RULES.format(log=log, series=series))}',
                          f'--state.dir={state}', name=f'scrape-{series}')
    costs = {}
    for form, headers in FORMS.items():
        for changes in False, True:
            seen = []
            for round_number in range(8):
                if changes:
                    with open(log, 'a') as file:
                        file.write(line(round_number))
                before = cpu_seconds(follower.server.pid)
                status, _, body = fetch(follower.address, '/metrics', **headers)
                seen.append((cpu_seconds(follower.server.pid) - before) * 1e3)
            assert status == 200 and len(body) > series, body[:100]
            costs[form, changes] = statistics.median(seen)
    follower.server.stop()
    return costs


def counting_seconds(lab, name, with_scrapes):
    """CPU time of the loop thread for CHUNKS * CHUNK_LINES lines of SERIES series that are there already."""
    log = lab.write(f'{name}.log', ''.join(map(line, range(SERIES))))
    follower = lab.follow(f'--config.file={lab.write(f"{name}.yml", RULES.format(log=log, series=SERIES))}',
                          f'--state.dir={lab.dir}/state-{name}', name=name)
    pid = follower.server.pid
    chunk = ''.join(line(number * 7919 % SERIES) for number in range(CHUNK_LINES))
    begin = scraped = cpu_seconds(pid, main_only=True)
    scrapes = 0
    for _ in range(CHUNKS):
        with open(log, 'a') as file:
            file.write(chunk)
        before = None
        while (now := cpu_seconds(pid, main_only=True)) != before:      # it rests when all is counted
            before = now
            time.sleep(0.2)
            if with_scrapes and now - scraped >= 1:
                fetch(follower.address, '/metrics', Accept='application/vnd.google.protobuf')
                scrapes, scraped = scrapes + 1, now
    seconds = cpu_seconds(pid, main_only=True) - begin
    counted = sum(follower.metrics().user().values())
    assert counted == SERIES + CHUNKS * CHUNK_LINES, counted
    follower.server.stop()
    return seconds, scrapes


def main():
    lab = Lab()
    try:
        for series in SERIES, FEW:
            for (form, changes), cost in scrape_cost(lab, series, f'{lab.dir}/state-{series}').items():
                print(f'{series:7} series, {form:12} {"with a new record" if changes else "nothing new":18} {cost:8.2f} ms')
        pairs = [(counting_seconds(lab, f'plain-{i}', False), counting_seconds(lab, f'scraped-{i}', True))
                 for i in range(ROUNDS)]
        slower = statistics.median(scraped / plain - 1 for (plain, _), (scraped, _) in pairs)
        print(f'{CHUNKS * CHUNK_LINES} lines take {min(plain for (plain, _), _ in pairs):.2f} s of CPU; {slower:+.1%} with '
              f'{pairs[0][1][1]} scrapes, one a second (bar: {SLOWER_BAR:+.0%})')
        return 1 if '--check' in sys.argv and slower > SLOWER_BAR else 0
    finally:
        lab.end()


if __name__ == '__main__':
    sys.exit(main())
