"""Does tailmeter take over a rule file while it runs, with every line counted once, and refuse one that is wrong?"""
import itertools
import os
import re
import signal
import socket
import threading
import time

from exposition import series
from hold import Hold, first_thread_of
from lab import fetch, run_test, wait_until

SOURCE = '''
sources:
  - name: web
    files: [{log}]
    start_at: beginning
    format: {{regex: '^n=(?P<n>\\d+)$'}}
metrics:
  - counter: lines_total
    help: Lines.
    source: web
'''
SUM = '''
  - counter: sum_total
    help: Sum.
    source: web
    value: $n
'''
SOURCE_OF_INPUT = '''
  - name: {name}
    {origin}
    format: {{regex: 'n=(?P<n>\\d+)$'}}'''
METRIC_OF_INPUTS = '''
metrics:
  - counter: lines_total
    source: [socket, pipe]
    labels: {source: $source}
'''
TEST = '''
tests:
  - name: a line is a line
    source: web
    lines: n=1
    expect: lines_total {lines}
'''
BIG_LINES = 3_000_000
TAKEN_OVER = (200, b'the rule file is taken over\n')


class Writer:
    def __init__(self, path):
        self.path, self.file, self.count = path, path.open('a'), 0

    def write(self, lines):
        self.file.write('n=1\n' * lines)
        self.file.flush()
        self.count += lines


class Service:
    """A socket as systemd has one, and what is said there."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.settimeout(20)
        os.environ['NOTIFY_SOCKET'] = str(path)

    def hear(self):
        return self.socket.recv(4096).decode()

    def end(self):
        del os.environ['NOTIFY_SOCKET']
        self.socket.close()


def post(follower, path='/-/reload', method='POST'):
    status, _, body = fetch(follower.address, path, method=method, seconds=40)
    return status, body


def check_inputs(lab):
    """Inputs stay open: their sources may get other neighbours, but not other inputs."""
    path, fifo = lab.dir / 'reload.sock', lab.dir / 'reload.fifo'
    os.mkfifo(fifo)
    first = SOURCE_OF_INPUT.format(name='socket', origin=f'syslog: "unix:{path}"')
    second = SOURCE_OF_INPUT.format(name='pipe', origin=f'fifo: {fifo}')
    rules = lab.write('inputs.yml', 'sources:' + first + second + METRIC_OF_INPUTS)
    follower = lab.follow(f'--config.file={rules}', name='reload-inputs')
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    writer = fifo.open('a')

    def write(lines):
        """As many to the socket, twice as many to the FIFO, and the beginning of one more."""
        for _ in range(lines):
            sender.sendto(b'<190>Nov 22 09:00:00 host nginx: n=1', str(path))
        writer.write('=1\n' + 'n=1\n' * (2 * lines - 1) + 'n')
        writer.flush()

    def counted():
        samples = follower.metrics().samples
        return [samples.get(series('lines_total', source=name)) for name in ('socket', 'pipe')]

    writer.write('n')
    write(5)
    lab.check('inputs are counted', counted() == [5, 10], counted())
    rules.write_text('sources:' + second + first + METRIC_OF_INPUTS)
    lab.check('rules with the same inputs in another order are taken over', post(follower) == TAKEN_OVER)
    write(7)
    lab.check('they stay open, in the middle of a line, and each counts for its source', counted() == [12, 24], counted())
    rules.write_text('sources:' + second + METRIC_OF_INPUTS.replace('socket, ', ''))
    status, text = post(follower)
    want = (f'{rules}: inputs are opened at the start only, and these are others: restart tailmeter; '
            f'gone: unix:{path} of the source "socket"\n')
    lab.check('rules with an input less are refused', (status, text.decode()) == (400, want), (status, text))
    rules.write_text('sources:' + second + first.replace('socket', 'other', 1) + METRIC_OF_INPUTS.replace('socket', 'other'))
    status, text = post(follower)
    want = (f'{rules}: inputs are opened at the start only, and these are others: restart tailmeter; '
            f'new: unix:{path} of the source "other"; gone: unix:{path} of the source "socket"\n')
    lab.check('so are rules with an input of another source', (status, text.decode()) == (400, want), (status, text))
    write(1)
    lab.check('and the rules before go on', counted() == [13, 26], counted())
    lab.check('SIGTERM ends it with 0', follower.server.stop() == 0)


def check_recognized(lab):
    """A log that no rule file names goes on by the same rules when it was just rotated."""
    if os.path.exists('/etc/tailmeter/tailmeter.yml'):
        print('skipped: there is /etc/tailmeter/tailmeter.yml, so logs are not recognized')
        return
    log = lab.folder('log') / 'recognized.log'
    line = '192.0.2.7 - - [21/Nov/2026:18:49:31 +0000] "GET / HTTP/1.1" 200 2 "-" "-" 0.125\n'
    log.write_text(line * 3)
    words = f'--state.dir={lab.dir}/state-recognized', log
    follower = lab.follow(*words, name='recognized')

    def check_counts(when, count):
        with log.open('a') as file:
            file.write(line * 5)
        samples = follower.metrics().samples
        got = samples.get('http_request_duration_seconds_count'), samples.get(
            series('tailmeter_lines_total', source='nginx_timing_log', outcome='matched'))
        lab.check(f'what is recognized counts {when}', got == (count, count), got)

    check_counts('from where it ended at the start', 5)
    lab.check('run says as what a log is recognized', re.search(
        rf'msg="recognized" log={log} as="preset nginx_timing, 3 of the first 3 lines"', follower.server.output()),
        follower.server.output())
    log.rename(f'{log}.1')
    log.write_text('')
    lab.check('a log that was just rotated is no obstacle to a reload', post(follower) == TAKEN_OVER)
    check_counts('on after a reload', 10)
    log.rename(f'{log}.2')
    lab.check('nor is one that is gone', post(follower) == TAKEN_OVER)
    lab.check('SIGTERM ends it with 0', follower.server.stop() == 0)
    log.write_text('')
    follower = lab.follow(*words, name='recognized-again')
    check_counts('on after a restart', 15)
    follower.server.stop()


def check_stalled_state(lab):
    """While the disk of the state does not answer (its thread, which is the first one started, is held), rules are taken
    over all the same."""
    writer = Writer(lab.folder('log') / 'stalled.log')
    source = SOURCE.format(log=writer.path)
    rules = lab.write('stalled.yml', source)
    words = [f'--config.file={rules}', f'--state.dir={lab.dir}/state-stalled']
    follower = lab.follow(*words, name='stalled')

    def shown(*names):
        begin = time.monotonic()
        samples = follower.metrics().samples
        return [samples.get(name) for name in names] + [time.monotonic() - begin < 8]

    writer.write(10)
    lab.check('before the disk hangs, all is counted', shown('lines_total', 'tailmeter_durable') == [10, 1, True])
    with Hold(first_thread_of(follower.server.pid)):
        writer.write(5)
        now = shown('lines_total', 'tailmeter_durable')
        lab.check('while it hangs, the answer before is given', now == [10, 0, True], now)
        rules.write_text(source + SUM)
        begin = time.monotonic()
        lab.check('rules are taken over', post(follower) == TAKEN_OVER)
        lab.check('and nobody waits for the disk', time.monotonic() - begin < 5)
        writer.write(7)
        now = shown('lines_total', 'sum_total', 'tailmeter_durable')
        lab.check('the answer is still the one before, by the rules before', now == [10, None, 0, True], now)
    now = shown('lines_total', 'tailmeter_durable')
    lab.check('when the disk answers, no line is missing', now == [22, 1, True], now)
    lab.check('a new metric counts what was read from the reload on', shown('sum_total') == [7, True], shown('sum_total'))

    with Hold(first_thread_of(follower.server.pid)):
        writer.write(1)
        shown('lines_total')
        rules.write_text(source)
        lab.check('rules are taken over once more', post(follower) == TAKEN_OVER)
        writer.write(1)
        shown('lines_total')
        follower.server.process.kill()
    follower.server.stop(signal.SIGKILL)
    writer.write(1)
    follower = lab.follow(*words, name='stalled')
    lab.check('kill -9 in this state loses no line and counts none twice', shown('lines_total') == [25, True],
              shown('lines_total'))
    lab.check('SIGTERM ends it with 0', follower.server.stop() == 0)


TWO_SOURCES = """sources:
  - name: first
    files: [{first}]
    start_at: {start_at}
    format: {{regex: '^(?P<text>.*)$'}}
"""
SECOND = """  - name: second
    files: [{files}]
    start_at: {start_at}
    format: {{regex: '^(?P<text>.*)$'}}
"""
FIRST_LINES = "metrics:\n  - {counter: first_lines_total, source: first}\n"
SECOND_LINES = "  - {counter: second_lines_total, source: second}\n"


def check_removed_sources(lab):
    """What is taken out of the rules and put back goes on where it was, whatever came meanwhile."""
    for start_at, what, is_killed in itertools.product(('beginning', 'end'), ('source', 'pattern'), (False, True)):
        name = f'{start_at}-{what}-{is_killed}'
        first, second, third = (lab.write(f'{name}-{log}.log', 'old\n' * 100) for log in ('first', 'second', 'third'))

        def rules(has_all):
            files = second if has_all or what == 'source' else third
            files = f'{second}, {third}' if has_all else files
            has_second = has_all or what == 'pattern'
            return TWO_SOURCES.format(first=first, start_at=start_at) + \
                (SECOND.format(files=files, start_at=start_at) if has_second else '') + FIRST_LINES + \
                (SECOND_LINES if has_second else '')

        def append(log, number):
            with log.open('a') as file:
                file.write('new\n' * number)

        def reload(has_all):
            nonlocal follower
            file.write_text(rules(has_all))
            if is_killed:
                follower.server.stop(signal.SIGKILL)
                follower = lab.follow(f'--config.file={file}', name=name)
            else:
                lab.check(f'{name}: the rules are taken over', post(follower) == TAKEN_OVER)

        file = lab.write(f'{name}.yml', rules(True))
        follower = lab.follow(f'--config.file={file}', name=name)
        old = 100 if start_at == 'beginning' else 0
        append(second, 5)
        lab.check(f'{name}: all is counted', follower.metrics().samples['second_lines_total'] == 2 * old + 5)
        reload(False)
        append(second, 2)
        os.rename(second, f'{second}.1')
        append(second, 3)
        follower.metrics()
        reload(True)
        append(second, 4)
        lines = follower.metrics().samples['second_lines_total']
        lab.check(f'{name}: and when it is back, what came meanwhile, once', lines == 2 * old + 5 + 2 + 3 + 4, lines)
        follower.server.stop()


def main(lab):
    service = Service(lab.dir / 'notify')
    writer = Writer(lab.folder('log') / 'web.log')
    source = SOURCE.format(log=writer.path)
    rules = lab.write('rules.yml', source)
    follower = lab.follow(f'--config.file={rules}')
    lab.check('systemd hears that it is ready', service.hear() == 'READY=1\nSTATUS=following the logs')

    def samples():
        return follower.metrics().samples

    def counts(*names):
        now = samples()
        return [now.get(series(name)) for name in names]

    writer.write(100)
    before = samples()
    lab.check('all lines are counted, and the rules of the start are in force', before['lines_total'] == 100 and
              before['tailmeter_config_last_reload_successful'] == 1)

    # The same rules.
    writer.write(10)
    follower.server.process.send_signal(signal.SIGHUP)
    heard = service.hear()
    lab.check('systemd hears that a reload begins and ends',
              heard.startswith('RELOADING=1\nMONOTONIC_USEC=') and service.hear() == 'READY=1', heard)
    writer.write(10)
    after = samples()
    stamp = 'tailmeter_config_last_reload_success_timestamp_seconds'
    lab.check('SIGHUP loses no line and counts none twice', after['lines_total'] == 120, after['lines_total'])
    lab.check('the time of the reload is told', after[stamp] > before[stamp])
    lab.check('the same rules have the same series', {key for key in after if 'checkpoint' not in key} >=
              {key for key in before if 'checkpoint' not in key}, set(before) - set(after))

    service.end()

    # A file that no name leads to any more.
    writer.path.unlink()
    wait_until('the file is known to be deleted', lambda: samples()[
        series('tailmeter_files', source='web', state='draining')] == 1)
    writer.write(5)
    lab.check('POST /-/reload is answered when it is done', post(follower) == TAKEN_OVER)
    writer.write(5)
    lab.check('a deleted file that is still written to is read on', counts('lines_total') == [130], counts('lines_total'))
    writer.file = writer.path.open('a')

    # Other rules.
    rules.write_text(source + SUM + TEST.format(lines=1))
    lab.check('rules with one metric more are taken over', post(follower) == TAKEN_OVER)
    writer.write(7)
    lab.check('a new metric begins at 0, and the others go on', counts('lines_total', 'sum_total') == [137, 7],
              counts('lines_total', 'sum_total'))
    follower.server.stop(signal.SIGKILL)
    writer.write(3)
    follower = lab.follow(f'--config.file={rules}', name='tailmeter')
    lab.check('both survive kill -9', counts('lines_total', 'sum_total') == [140, 10], counts('lines_total', 'sum_total'))

    # Wrong ones.
    wrong = source.replace('counter: lines_total', 'conter: lines_total')
    rules.write_text(wrong)
    status, text = post(follower)
    lab.check('a wrong rule file is refused with its message', status == 400 and b'rules.yml:8:5' in text and
              b'conter' in text, (status, text))
    now = samples()
    lab.check('it changes nothing but what is told of it',
              now['lines_total'] == 140 and now['sum_total'] == 10 and now['tailmeter_config_last_reload_successful'] == 0)
    lab.check('the log says why', 'the rule file is not taken over; the rules before stay in force' in
              follower.server.output() and 'conter' in follower.server.output())
    rules.write_text(source + TEST.format(lines=2))
    lab.check('a rule file whose own tests fail is refused', post(follower) == (
        400, f'{rules}:13: the test "a line is a line" fails: lines_total is 1, expected 2\n'.encode()), post(follower))
    rules.unlink()
    lab.check('a rule file that is not there is the system\'s fault', post(follower) == (
        500, f'{rules}: No such file or directory\n'.encode()), post(follower))
    lab.check('GET does not reload', post(follower, method='GET') == (405, b'405 only POST takes over the rule file\n'))
    rules.write_text(source)
    writer.write(1)
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(post(follower))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    now = samples()
    lab.check('two reloads at once are both answered', answers == [TAKEN_OVER] * 2, answers)
    lab.check('what a rule file no longer has is gone, and the rest goes on', now['lines_total'] == 141 and
              'sum_total' not in now and now['tailmeter_config_last_reload_successful'] == 1)
    lab.check('SIGTERM ends it with 0', follower.server.stop() == 0)
    check_removed_sources(lab)
    check_inputs(lab)
    check_recognized(lab)
    check_stalled_state(lab)
    check_catching_up(lab, rules, source)


def check_catching_up(lab, rules, source):
    """A reload is for later while the files are counted that were there at the start."""
    big = lab.folder('log') / 'big.log'
    with big.open('w') as file:
        for _ in range(BIG_LINES // 100_000):
            file.write('n=1\n' * 100_000)
    rules.write_text(source.replace('web.log', 'big.log'))
    address = ('127.0.0.1', lab.free_port())
    server = lab.start('catching-up', lab.tailmeter, 'run', f'--web.listen-address=127.0.0.1:{address[1]}',
                       f'--config.file={rules}', f'--state.dir={lab.dir}/state-big', unprivileged=False)
    wait_until('it listens', lambda: 'listening' in server.output())
    server.process.send_signal(signal.SIGHUP)
    status, _, body = fetch(address, '/-/reload', method='POST')
    is_catching_up = fetch(address, '/-/ready')[0] == 503
    if is_catching_up:
        lab.check('POST /-/reload is refused while it catches up', status == 503 and b'is not ready' in body, (status, body))
    wait_until('it took over the rules', lambda: 'the rule file is taken over' in server.output())
    lines = server.output()
    lab.check('SIGHUP waits until it has caught up', lines.index('ready: all') < lines.index('the rule file is taken over'))
    text = fetch(address, '/metrics')[2].decode()
    lab.check('and no line is lost by it', f'\nlines_total {BIG_LINES}\n' in text, text[:300])
    server.stop()


run_test(main)
