"""What the system tests share: a temporary directory with servers in it, tailmeter among them, and a report.

A test is a script whose argument (or $TAILMETER) is the tailmeter binary. For each check it prints a line,
`ok - sentence` or `not ok - sentence`. It ends with 0, with 1, or with 77 when a program that it needs is not there.
What it starts listens on loopback, lives in the temporary directory, and ends with it."""
import sys
sys.dont_write_bytecode = True
import contextlib
import http.client
import json
import os
import pathlib
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import traceback
from decimal import Decimal

from exposition import Exposition

ROOT = pathlib.Path(__file__).resolve().parents[2]
PRESET = ROOT / 'rules/presets/mirror.yml'
SKIPPED = 77
SHOWN_DIFFERENCES = 12


LINES_RULES = '''
sources:
  - name: web
    files: ['{files}']
    start_at: {start_at}
    format: {{regex: '^(?P<text>.*)$'}}
metrics:
  - counter: lines_total
    help: Lines.
    source: web
'''


def path_of(program):
    """Where a program is, or None; servers are often where only root looks."""
    return shutil.which(program, path=os.environ.get('PATH', '') + ':/usr/sbin:/sbin')


def free_port():
    """One of those that the kernel gives to no client: nobody connects from it before somebody listens there."""
    first_of_clients = int(pathlib.Path('/proc/sys/net/ipv4/ip_local_port_range').read_text().split()[0])
    while True:
        port = random.randrange(10_000, first_of_clients)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(('127.0.0.1', port))
            return port


def differences(got, want):
    """What two mappings do not agree about, a line each."""
    return [f'{key}: {got.get(key, "nothing")}, expected {want.get(key, "nothing")}'
            for key in sorted(got.keys() | want.keys()) if got.get(key) != want.get(key)]


def wait_until(sentence, condition, seconds=20):
    """The first true answer of condition(). An OSError is an answer that is not true yet."""
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if answer := condition():
                return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f'not within {seconds} s: {sentence}')
        time.sleep(0.02)


def connect(address, seconds=10):
    """A socket connected to (host, port) or to the path of a unix socket."""
    if isinstance(address, tuple):
        return socket.create_connection(address, timeout=seconds)
    stream = socket.socket(socket.AF_UNIX)
    stream.settimeout(seconds)
    stream.connect(str(address))
    return stream


def fetch(address, path='/', method='GET', seconds=10, **headers):
    """Asks for a page on a connection of its own: (status, headers, body)."""
    with connect(address, seconds) as stream:
        lines = [f'{method} {path} HTTP/1.1', 'Host: localhost', 'Connection: close']
        lines += [f'{name.replace("_", "-")}: {value}' for name, value in headers.items()]
        stream.sendall('\r\n'.join(lines + ['', '']).encode())
        answer = http.client.HTTPResponse(stream, method=method)
        answer.begin()
        return answer.status, dict(answer.getheaders()), answer.read()


class Server:
    """A process that a Lab started. Its standard output and error go to the file `log`."""

    def __init__(self, process, log):
        self.process, self.log = process, log

    @property
    def pid(self):
        return self.process.pid

    def output(self):
        return self.log.read_text(errors='replace')

    def stop(self, number=signal.SIGTERM, seconds=10):
        """Ends it and returns its exit code, which is -9 if it had to be killed."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


class Follower:
    """A tailmeter that runs."""

    def __init__(self, server, address):
        self.server, self.address = server, address

    def text(self):
        status, _, body = fetch(self.address, '/metrics')
        if status != 200:
            raise AssertionError(f'/metrics answered {status}: {body!r}')
        return body.decode()

    def metrics(self):
        return Exposition(self.text())

    def whole_samples(self):
        """The samples of an answer that says it is fresh and durable, which it is not while a disk stalls for seconds."""
        samples = {}

        def is_whole():
            samples.update(self.metrics().samples)
            return samples['tailmeter_durable'] == 1 and samples['tailmeter_catching_up'] == 0
        wait_until('a scrape is fresh and durable', is_whole)
        return samples


class Lab:
    def __init__(self):
        self.failed = 0
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix='tailmeter-system-'))
        self.nobody = pwd.getpwnam('nobody') if os.getuid() == 0 else None
        self.give_away(self.dir)
        self.dir.chmod(0o755)
        (self.dir / 'output').mkdir()
        self.servers = []

    @property
    def tailmeter(self):
        binary = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else os.environ.get('TAILMETER', '')
        if not os.access(binary, os.X_OK):
            sys.exit('give the path of the tailmeter binary, as an argument or in $TAILMETER')
        return binary

    # The report.

    def check(self, sentence, holds, detail=''):
        print(f'{"ok" if holds else "not ok"} - {sentence}', flush=True)
        if not holds:
            self.failed += 1
            for line in str(detail).rstrip().splitlines():
                print(f'  # {line[:1000]}', flush=True)

    def same(self, sentence, got, want):
        found = differences(got, want)
        self.check(f'{sentence} ({len(want)} figures)', want and not found,
                   '\n'.join(found[:SHOWN_DIFFERENCES]) or 'nothing expected')

    def refuses(self, fault, refused, detail=''):
        """For the checks themselves: that they would not pass over this fault."""
        self.check(f'the check refuses {fault}', refused, detail)

    def sees_an_error_of_one(self, figures):
        key = max(figures)
        self.refuses(f'a figure that is off by one, {key}', differences({**figures, key: figures[key] + 1}, figures))
        self.refuses('a figure that is missing', differences({k: v for k, v in figures.items() if k != key}, figures))
        self.refuses('a figure that should not be', differences({**figures, 'another': Decimal(0)}, figures))

    # Programs.

    def free_port(self):
        return free_port()

    def give_away(self, path):
        """Makes a path that of the user who runs the servers, when that is not the one who runs the test."""
        if self.nobody:
            os.chown(path, self.nobody.pw_uid, self.nobody.pw_gid)
        return path

    def folder(self, name):
        (self.dir / name).mkdir(parents=True, exist_ok=True)
        return self.give_away(self.dir / name)

    def rules_for_lines(self, files, name='rules.yml', start_at='beginning'):
        """A rule file that counts the lines of these files in lines_total."""
        return self.write(name, LINES_RULES.format(files=files, start_at=start_at))

    def write(self, name, text):
        (self.dir / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return self.give_away(self.dir / name)

    def command(self, words, unprivileged):
        # pdeathsig: what the test started does not outlive it, however it ends.
        user = []
        if unprivileged and self.nobody:
            user = ['--reuid=nobody', f'--regid={self.nobody.pw_gid}', '--clear-groups']
        return ['setpriv', '--pdeathsig=TERM', *user, path_of(str(words[0])) or str(words[0]), *map(str, words[1:])]

    def start(self, name, *words, unprivileged=True, stdin=subprocess.DEVNULL):
        log = self.dir / 'output' / name
        with open(log, 'ab') as output:
            process = subprocess.Popen(self.command(words, unprivileged), cwd=self.dir,
                                       stdin=stdin, stdout=output, stderr=output)
        self.servers.append(Server(process, log))
        return self.servers[-1]

    def run(self, *words, stdin='', unprivileged=False, seconds=60):
        """Runs a program to its end, -9 if that takes too long; .stdout and .stderr are texts."""
        process = subprocess.Popen(self.command(words, unprivileged), cwd=self.dir, encoding='utf-8', errors='replace',
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            output = process.communicate(stdin, seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            output = process.communicate()
        return subprocess.CompletedProcess(words, process.returncode, *output)

    def follow(self, *words, name='tailmeter', stdin=subprocess.DEVNULL, ready=lambda address: fetch(address, '/-/ready')[0]):
        """Starts `tailmeter run` with these arguments, and waits until it is ready: until ready(address) is 200."""
        address = ('127.0.0.1', self.free_port())
        state = [] if any(str(word).startswith('--state.dir') for word in words) else [f'--state.dir={self.dir}/state-{name}']
        server = self.start(name, self.tailmeter, 'run', f'--web.listen-address=127.0.0.1:{address[1]}', *state, *words,
                            unprivileged=False, stdin=stdin)

        def is_ready():
            if server.process.poll() is not None:
                raise RuntimeError(f'tailmeter ended with {server.process.returncode}: {server.output()}')
            return ready(address) == 200
        wait_until('tailmeter is ready', is_ready)
        return Follower(server, address)

    def dry_run(self, *words):
        """What dry-run prints about logs: a text."""
        done = self.run(self.tailmeter, 'dry-run', *words)
        if done.returncode != 0:
            raise RuntimeError(f'dry-run ended with {done.returncode}: {done.stderr}')
        return done.stdout

    def dry_run_json(self, *words):
        return json.loads(self.dry_run('--format=json', *words), parse_float=Decimal)

    def end(self):
        for server in reversed(self.servers):
            server.stop()
        shutil.rmtree(self.dir, ignore_errors=True)


def run_test(main, needs=()):
    """Runs main(Lab) and ends the program."""
    missing = [program for program in needs if not path_of(program)]
    if missing:
        print(f'skipped: not installed: {", ".join(missing)}')
        sys.exit(SKIPPED)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit('stopped'))
    lab = Lab()
    try:
        main(lab)
    except Exception:
        lab.failed += 1
        traceback.print_exc()
        for server in lab.servers:
            print(f'--- {server.log.name}\n{server.output()[-2000:]}')
    finally:
        lab.end()
    sys.exit(1 if lab.failed else 0)
