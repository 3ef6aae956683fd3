"""Do a FIFO, standard input and sockets give each line that was sent, over restarts too, and is what gets lost counted?"""
import os
import signal
import socket
import subprocess

from lab import run_test, wait_until

RULES = '''sources:
  - name: lines
    {origin}
    format: {{regex: '(?:^|nginx: )(?P<kind>[a-z]+) (?P<number>[0-9]+)$'}}
metrics:
  - counter: numbers_total
    labels: {{kind: $kind}}
    value: $number
'''


def figures(kind, numbers):
    return {f'numbers_total{{kind="{kind}"}}': sum(numbers)}


def text_of(kind, numbers):
    return ''.join(f'{kind} {number}\n' for number in numbers)


def account(lab, what, follower, lines):
    """Every line has an outcome, and the source says how often it counts."""
    samples = follower.metrics().samples
    want = {'tailmeter_source_info{delivery="at_most_once",source="lines"}': 1,
            'tailmeter_lines_total{outcome="matched",source="lines"}': lines,
            'tailmeter_lines_total{outcome="unmatched",source="lines"}': 0}
    lab.same(f'{what}: each line is accounted for', {key: samples.get(key) for key in want}, want)


def check_fifo(lab):
    fifo = lab.dir / 'fifo'
    os.mkfifo(fifo)
    words = [f'--config.file={lab.write("fifo.yml", RULES.format(origin=f"fifo: {fifo}"))}']
    follower = lab.follow(*words, name='fifo')
    fifo.write_text(text_of('a', range(1000)))
    lab.same('what is in the FIFO when a scrape comes is in its answer', follower.metrics().user(),
             figures('a', range(1000)))
    for number in range(100):
        fifo.write_text(f'a {number}\n' if number < 99 else 'a 99')  # by writers that come and go, the last line unended
    want = figures('a', [*range(1000), *range(100)])
    wait_until('the last writer is seen to be gone', lambda: follower.metrics().user() == want)
    account(lab, 'a FIFO', follower, 1100)
    follower.server.stop(signal.SIGKILL)
    follower = lab.follow(*words, name='fifo')
    lab.same('what a scrape showed is there after kill -9', follower.metrics().user(), want)
    fifo.write_text(text_of('a', [7]))
    lab.same('and counting goes on', follower.metrics().user(), figures('a', [*range(1000), *range(100), 7]))
    account(lab, 'a FIFO after kill -9', follower, 1101)
    lab.check('it stops with 0', follower.server.stop() == 0, follower.server.output())
    lab.sees_an_error_of_one(want)


def check_standard_input(lab):
    rules = lab.write('stdin.yml', RULES.format(origin='stdin: true'))
    follower = lab.follow(f'--config.file={rules}', '--state.dir=none', name='stdin', stdin=subprocess.PIPE)
    with follower.server.process.stdin as writer:
        writer.write(text_of('b', range(10_000)).encode() + b'b 1')
    want = figures('b', [*range(10_000), 1])
    wait_until('standard input was read to its end', lambda: follower.metrics().user() == want)
    account(lab, 'standard input', follower, 10_001)
    wait_until('its end is said', lambda: 'has ended' in follower.server.output())
    lab.check('it goes on serving, and stops with 0', follower.metrics().user() == want and follower.server.stop() == 0,
              follower.server.output())
    closed = lab.run('sh', '-c', f'"$0" run --config.file={rules} --state.dir=none <&-', lab.tailmeter, seconds=10)
    lab.check('a closed standard input is refused', closed.returncode == 1 and 'standard input is closed' in closed.stderr,
              closed)


def check_arguments(lab):
    """FIFO and - as LOG, in place of what the rules name."""
    rules = lab.write('files.yml', RULES.format(origin=f'files: {lab.dir}/none.log'))
    fifo = lab.dir / 'argument'
    os.mkfifo(fifo)
    follower = lab.follow(f'--config.file={rules}', fifo, name='argument')
    fifo.write_text(text_of('c', [1, 2, 3]))
    lab.same('a FIFO may be a LOG', follower.metrics().user(), figures('c', [1, 2, 3]))
    account(lab, 'a FIFO as LOG', follower, 3)


def check_unmatched(lab, what, follower, family, address, header):
    """Nobody can read these lines again, so the log says why they are unmatched: once, and as text."""
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.connect(address)
        for _ in range(20):
            sender.send(f'{header}9" level=error msg="forged\x1b[31m'.encode())
    unmatched = 'tailmeter_lines_total{outcome="unmatched",source="lines"}'
    wait_until('unmatched lines are counted', lambda: follower.metrics().samples[unmatched] > 0)
    told = [line for line in follower.server.output().splitlines() if 'forged' in line]
    lab.check(f'{what}: the log says once why lines are unmatched, with source, reason, byte and line',
              len(told) == 1 and ' level=warn msg="a line is unmatched; others for this reason are only counted" '
              'source=lines reason=' in told[0] and ' byte=' in told[0] and
              told[0].endswith(r'9\" level=error msg=\"forged\\x1B[31m"'), told)


def check_datagrams(lab, what, origin, family, address):
    words = [f'--config.file={lab.write(f"{what}.yml", RULES.format(origin="syslog: " + origin))}']
    follower = lab.follow(*words, name=what)
    dropped = 'tailmeter_dropped_datagrams_total{source="lines"}'
    header = '<190>Nov 21 18:48:15 host nginx: '
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.connect(address)
        for number in range(500):
            sender.send(f'{header}d {number}'.encode())
            if number % 50 == 0:
                follower.metrics()
    samples = follower.metrics().samples
    matched = samples['tailmeter_lines_total{outcome="matched",source="lines"}']
    lab.check(f'{what}: taken and dropped are what was sent', matched + samples[dropped] == 500, (matched, samples[dropped]))
    if samples[dropped] == 0:
        lab.same(f'{what}: each line counts', follower.metrics().user(), figures('d', range(500)))
        account(lab, what, follower, 500)
    before = follower.metrics().user()
    check_unmatched(lab, what, follower, family, address, header)
    follower.server.stop(signal.SIGKILL)
    follower = lab.follow(*words, name=what)                        # over the socket that was left behind
    lab.same(f'{what}: what a scrape showed is there after kill -9', follower.metrics().user(), before)
    lab.check(f'{what}: stops with 0', follower.server.stop() == 0, follower.server.output())
    if family == socket.AF_UNIX:
        lab.check('its socket is gone', not os.path.exists(address))


def main(lab):
    check_fifo(lab)
    check_standard_input(lab)
    check_arguments(lab)
    path = str(lab.dir / 'syslog.sock')
    check_datagrams(lab, 'unix', f'unix:{path}', socket.AF_UNIX, path)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    check_datagrams(lab, 'udp', f'udp://127.0.0.1:{port}', socket.AF_INET, ('127.0.0.1', port))


run_test(main)
