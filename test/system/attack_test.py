"""While clients are slow, idle, many or rude: is every scrape answered, and does the server stay as small as it was?

How long scrapes take is printed. What is asserted does not depend on how busy the machine is: none fails within the five
seconds that a scrape is allowed. A bar for their p99 would depend on it: the attackers take a processor from the server
and the scrapers, and what that costs is the machine's.

Those who attack from the scraper's own address do so in the clear only. Through TLS a newcomer has to be heard twice before
its request is known: whoever opens thousands of connections a second from that very address gets some of the scraper's
new ones closed."""
import http.client
import pathlib
import ssl
import threading
import time
import warnings

from attackers import EVERYBODY, Horde
from certificates import Certificates
from lab import connect, run_test, wait_until
from password_guesser import PasswordGuesser, basic

with warnings.catch_warnings():
    warnings.simplefilter('ignore')         # it goes in Python 3.13
    import crypt

CALM_SECONDS, ATTACK_SECONDS, SCRAPE_SECONDS = 2, 12, 5
PAUSE_SECONDS = 0.05
SERIES = 15_000
MOST_GROWTH_BYTES = 8 << 20
RULES = '''
sources:
  - name: web
    files: [{log}]
    start_at: beginning
    format: '$remote_addr $status $uri'
metrics:
  - counter: requests_total
    labels: {{uri: $uri, status: $status, address: $remote_addr}}
    max_series: {series}
'''


def resident_bytes(pid):
    for line in pathlib.Path(f'/proc/{pid}/status').read_text().splitlines():
        if line.startswith('VmRSS:'):
            return int(line.split()[1]) * 1024
    raise OSError('no VmRSS')


class Scraper(threading.Thread):
    """Scrapes until `end`, on one connection or each time on a new one; through TLS with a context."""

    def __init__(self, address, end, keeps, context=None, headers=None):
        super().__init__()
        self.address, self.end, self.keeps, self.context, self.headers = address, end, keeps, context, headers or {}
        self.seconds, self.faults = [], []
        self.start()

    def connect(self):
        if self.context:
            return http.client.HTTPSConnection(*self.address, timeout=SCRAPE_SECONDS, context=self.context)
        return http.client.HTTPConnection(*self.address, timeout=SCRAPE_SECONDS)

    def scrape(self, connection):
        connection.request('GET', '/metrics', headers=self.headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200 or not body.count(b'\nrequests_total{') == SERIES:
            raise ValueError(f'{answer.status}, {len(body)} bytes: {body[:100]}')

    def run(self):
        connection = None
        while not self.end.is_set():
            begin = time.monotonic()
            try:
                if connection is None:
                    connection = self.connect()
                self.scrape(connection)
                if not self.keeps:
                    connection.close()
                    connection = None
            except (OSError, http.client.HTTPException, ValueError) as fault:
                self.faults.append(f'after {time.monotonic() - begin:.2f} s: {fault!r}')
                connection = None
            self.seconds.append(time.monotonic() - begin)
            self.end.wait(PAUSE_SECONDS)


def scrape_for(follower, seconds, **scrape_by):
    """Scrapers that were at work for so long, and the largest that the server was meanwhile."""
    end = threading.Event()
    scrapers = [Scraper(follower.address, end, keeps, **scrape_by) for keeps in (False, True)]
    deadline = time.monotonic() + seconds
    largest = 0
    while time.monotonic() < deadline:
        largest = max(largest, resident_bytes(follower.server.pid))
        time.sleep(PAUSE_SECONDS)
    end.set()
    for scraper in scrapers:
        scraper.join()
    return scrapers, largest


def percentile(values, part):
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


def times_of(scrapers):
    seconds = [second for scraper in scrapers for second in scraper.seconds]
    return f'p50 {percentile(seconds, 0.5) * 1000:.0f} ms, p99 {percentile(seconds, 0.99) * 1000:.0f} ms, ' \
           f'at most {max(seconds) * 1000:.0f} ms'


def attack(lab, follower, what, uses_tls=False, **scrape_by):
    calm, before_bytes = scrape_for(follower, CALM_SECONDS, **scrape_by)
    lab.check(f'{what}, in calm, {sum(len(scraper.seconds) for scraper in calm)} scrapes: {times_of(calm)}',
              not any(scraper.faults for scraper in calm), [scraper.faults for scraper in calm])
    with Horde(follower.address, uses_tls) as horde:
        wait_until('the attackers are there', lambda: horde.opened.value > sum(kind.number for kind in EVERYBODY))
        scrapers, largest_bytes = scrape_for(follower, ATTACK_SECONDS, **scrape_by)
        opened = horde.opened.value
    for scraper, how in zip(scrapers, ('on new connections', 'on a connection that is kept')):
        lab.check(f'{what}, in the attack, {len(scraper.seconds)} scrapes {how}, none failed: {times_of([scraper])}',
                  scraper.seconds and not scraper.faults, '\n'.join(scraper.faults[:5] + [f'{len(scraper.faults)} faults']))
    lab.check(f'{opened} connections made it {(largest_bytes - before_bytes) >> 10} KiB larger at most',
              largest_bytes - before_bytes < MOST_GROWTH_BYTES, (before_bytes, largest_bytes))


def attack_in_the_clear(lab, rules):
    follower = lab.follow(f'--config.file={rules}')
    attack(lab, follower, f'{len(follower.text()) >> 10} KiB in the clear')
    samples = follower.metrics().samples
    print({name: int(value) for name, value in samples.items() if name.startswith('tailmeter_http') and value})
    with connect(follower.address) as stream:
        stream.sendall(b'GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n')
        lab.check('afterwards it is as it was', stream.recv(100).startswith(b'HTTP/1.1 200'))
    lab.check('it ends with 0', follower.server.stop() == 0, follower.server.output())


def attack_with_tls_and_passwords(lab, rules):
    """While wrong passwords are tried, too, at the cost that operators use."""
    Certificates(lab).make('server')
    web = lab.write('web.yml', f"""tls_server_config: {{cert_file: server.pem, key_file: server.key}}
basic_auth_users: {{scraper: {crypt.crypt('secret', '$2b$12$abcdefghijklmnopqrstuu')}}}
""")
    context = ssl.create_default_context(cafile=str(lab.dir / 'ca.pem'))
    known = {'context': context, 'headers': {'Authorization': basic('scraper', 'secret')}}

    def is_ready(address):
        scraper = http.client.HTTPSConnection(*address, timeout=SCRAPE_SECONDS, context=context)
        scraper.request('GET', '/-/ready', headers=known['headers'])
        return scraper.getresponse().status

    follower = lab.follow(f'--config.file={rules}', f'--web.config.file={web}', name='secured', ready=is_ready)
    sources = [f'127.0.3.{number}' for number in range(1, 101)]
    guesser = PasswordGuesser(follower.address, 'scraper', sources=sources, context=context).start()
    attack(lab, follower, 'with TLS and passwords', uses_tls=True, **known)
    answers = guesser.stop()
    lab.check(f'of {sum(answers.values())} wrong passwords none is taken', answers[401] > 0 and not answers[200], answers)
    lab.check('it ends with 0', follower.server.stop() == 0, follower.server.output())


def main(lab):
    log = lab.write('access.log', ''.join(f'192.0.2.1 200 /some/path/to/an/image/{number:06}\n' for number in range(SERIES)))
    rules = lab.write('rules.yml', RULES.format(log=log, series=SERIES))
    attack_in_the_clear(lab, rules)
    attack_with_tls_and_passwords(lab, rules)


run_test(main)
