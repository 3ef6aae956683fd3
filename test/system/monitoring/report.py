"""What the checks beside this file share: the report that they print, and how they run a tool or a server."""
import contextlib
import pathlib
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / 'test/system'))

from lab import free_port  # noqa: E402,F401 (for those who share this file)

MONITORING = ROOT / 'examples/monitoring'
PACKAGING = ROOT / 'packaging'


class Report:
    """Prints `ok - sentence` or `not ok - sentence`. Every check first shows that it refuses something bad."""

    def __init__(self):
        self.failed = False

    def check(self, sentence, holds, detail=''):
        print(f'{"ok" if holds else "not ok"} - {sentence}', flush=True)
        if not holds:
            self.failed = True
            for line in str(detail).rstrip().splitlines():
                print(f'  # {line}')

    def refuses(self, fault, refused, detail=''):
        self.check(f'refuses {fault}', refused, detail)

    def end(self):
        sys.exit(1 if self.failed else 0)


def run(*command, **options):
    """Runs a tool; .stdout holds both of its streams."""
    return subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **options)


def get(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read().decode()


@contextlib.contextmanager
def serving(command, ready_url, seconds=30):
    """Runs a server until the block ends; the block begins when `ready_url` answers."""
    server = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + seconds
        while True:
            try:
                get(ready_url)
                break
            except OSError as refused:
                if server.poll() is not None or time.monotonic() > deadline:
                    server.kill()
                    raise SystemExit(f'{command[0]} did not start: {refused}\n{server.communicate()[1][-2000:]}')
                time.sleep(0.05)
        yield
    finally:
        server.terminate()
        server.communicate()
