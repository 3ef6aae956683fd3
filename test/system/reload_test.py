"""Does tailmeter take over a rule file while it runs, with every line counted once, and refuse one that is wrong?"""
import os
import signal
import socket
import threading

from exposition import series
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
