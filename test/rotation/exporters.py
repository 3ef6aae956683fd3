"""How each exporter is started, ended, killed and asked."""
import os
import re
import signal
import time

from lab import Follower, fetch, wait_until
from truth import Count

TAILMETER_RULES = '''
sources:
  - name: web
    files: ['{pattern}']
    start_at: beginning
    format: combined
metrics:
  - counter: lines_total
  - counter: numbers_total
    value: $body_bytes_sent
'''
MTAIL_PROGRAM = r'''
counter lines_total
counter numbers_total
/ (?P<number>\d+) "-" "curl\/8"$/ {
  lines_total++
  numbers_total += $number
}
'''


class Exporter:
    """One that runs in a Lab and follows what fits a pattern, through restarts."""
    quiet_seconds = 0  # how long a page must stay as it is before it is believed
    patience_seconds = 5

    def __init__(self, lab, pattern, binary):
        self.lab, self.pattern, self.binary = lab, pattern, binary
        self.socket = lab.dir / 'socket'
        self.server = None

    def start(self):
        raise NotImplementedError

    def read(self):
        """The Count that it shows now."""
        raise NotImplementedError

    def stop(self):
        self.server.stop()

    def kill(self):
        self.server.stop(signal.SIGKILL)

    def launch(self, *words):
        self.socket.unlink(missing_ok=True)
        self.server = self.lab.start('exporter', self.binary, *words, unprivileged=False)

    def check_runs(self):
        if self.server.process.poll() is not None:
            raise RuntimeError(f'it ended with {self.server.process.returncode}: {self.server.output()[-500:]}')

    def settle(self):
        """The Count that it shows in the end."""
        count, since = self.read(), time.monotonic()
        deadline = since + self.patience_seconds
        while (now := time.monotonic()) < min(since + self.quiet_seconds, deadline):
            time.sleep(0.1)
            if (latest := self.read()) != count:
                count, since = latest, now
        return count


class Tailmeter(Exporter):
    """A page of it has every line that was written before it was asked for."""
    name = 'tailmeter'

    def start(self):
        rules = self.lab.write('rules.yml', TAILMETER_RULES.format(pattern=self.pattern))
        self.launch('run', f'--config.file={rules}', f'--state.dir={self.lab.dir}/state',
                    f'--web.listen-address=unix:{self.socket}')

        def is_ready():
            self.check_runs()
            return fetch(self.socket, '/-/ready')[0] == 200
        wait_until('tailmeter is ready', is_ready)

    def read(self):
        samples = Follower(self.server, self.socket).metrics().samples
        oversize = samples.get('tailmeter_lines_total{outcome="oversize",source="web"}', 0)
        return Count(int(samples.get('lines_total', 0) + oversize), int(samples.get('numbers_total', 0)), int(oversize))


class Mtail(Exporter):
    """It keeps nothing over a restart: what it shows is what its last run counted."""
    name = 'mtail'
    quiet_seconds = 2

    def start(self):
        program = self.lab.write('lines.mtail', MTAIL_PROGRAM)
        self.launch('-logtostderr', '-emit_prog_label=false', f'-progs={program}', f'-logs={self.pattern}',
                    f'-unix_socket={self.socket}')

        def is_following():
            self.check_runs()
            is_there = any(self.pattern.parent.glob(self.pattern.name))
            return fetch(self.socket, '/metrics')[0] == 200 and (not is_there or self.has_log_open())
        wait_until('mtail follows the log', is_following)

    def has_log_open(self):
        files = f'/proc/{self.server.pid}/fd'
        return any(os.readlink(f'{files}/{file}').startswith(f'{self.pattern.parent}/') for file in os.listdir(files))

    def read(self):
        text = fetch(self.socket, '/metrics')[2].decode()
        return Count(*(int(float(re.search(rf'^{name} (\S+)$', text, re.MULTILINE)[1]))
                       for name in ('lines_total', 'numbers_total')))
