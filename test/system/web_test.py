"""Does `tailmeter run` serve its pages well: where, to whom, how much, how long, and does it end when it is told to?"""
import re
import signal
import time

from lab import connect, fetch, run_test, wait_until
from exposition import Exposition

RULES = '''sources:
  - name: web
    files: [{dir}/access.log]
    start_at: beginning
    format: common
metrics:
  - counter: requests_total
    labels: {{status: $status}}
  - histogram: sent_bytes
    value: $body_bytes_sent
    buckets: bytes
'''
LOG = ''.join(f'192.0.2.1 - - [21/Nov/2026:18:49:31 +0000] "GET / HTTP/1.1" {200 + number % 7} {number * 31}\n'
              for number in range(5000))
SLOW_CLIENTS = 100
HEAD_SECONDS = 2  # HttpLimits::head_deadline
SCRAPES = 30


class Site:
    def __init__(self, lab):
        self.lab = lab
        self.log = lab.write('access.log', LOG)
        self.rules = lab.write('rules.yml', RULES.format(dir=lab.dir))

    def follow(self, *words, name='tailmeter'):
        return self.lab.follow(f'--config.file={self.rules}', *words, name=name)


def user_part(text):
    """The lines of an exposition that a rule file asked for."""
    return [line for line in text.splitlines() if not re.match('(# (HELP|TYPE) )?(tailmeter|process)_', line)]


def check_pages(lab, site, follower):
    dry = lab.dry_run(f'--config.file={site.rules}', site.log)
    lab.check('the page of metrics holds what dry-run prints, byte for byte',
              dry and user_part(follower.text()) == dry.splitlines())
    lab.sees_an_error_of_one(Exposition(dry).samples)
    counts = []
    with open(site.log, 'a', encoding='ascii', buffering=1) as file:
        for _ in range(SCRAPES):                                    # faster than it reads by itself
            file.write(LOG.splitlines()[1] + '\n')
            counts.append(follower.metrics()['sent_bytes_count'] - LOG.count('\n'))
    lab.check(f'a line that is there when a scrape begins is in it, {SCRAPES} times',
              counts == list(range(1, SCRAPES + 1)), counts)
    dry = lab.dry_run(f'--config.file={site.rules}', site.log)
    lab.check('and dry-run still prints the same', user_part(follower.text()) == dry.splitlines())

    for path, status, says in (
            ('/metrics?a=b', 200, b'requests_total'),
            ('/-/healthy', 200, b'healthy'),
            ('/-/ready', 200, b'ready'),
            ('/', 200, b'href="/metrics"'),
            ('/nowhere', 404, b'/metrics'),
            ('/metrics/', 404, b'/metrics'),
            ('/../etc/passwd', 404, b'/metrics')):
        got, headers, body = fetch(follower.address, path)
        is_whole = len(body) == int(headers['Content-Length'])
        lab.check(f'{path} answers {status}', got == status and says in body and is_whole, (got, headers, body[:200]))
    for method in 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH':
        got, headers, _ = fetch(follower.address, '/metrics', method)
        lab.check(f'{method} answers 405, with what is allowed',
                  (got, headers.get('Allow')) == (405, 'GET, HEAD'), (got, headers))


def check_headers(lab, follower):
    _, headers, _ = fetch(follower.address, '/metrics')
    lab.check('the type of the metrics is that of the text format',
              headers.get('Content-Type', '').startswith('text/plain; version=0.0.4'), headers)
    status, head, nothing = fetch(follower.address, '/-/healthy', 'HEAD')
    _, get, _ = fetch(follower.address, '/-/healthy')
    lab.check('HEAD has the headers of GET, and no body',
              status == 200 and nothing == b'' and head == get, (status, head, get, nothing))
    for name, value in (('Range', 'bytes=0-9'), ('Range', 'bytes=5-1'), ('Range', 'bytes=0-0,2-2'),
                        ('Range', 'lines=1-2'), ('Accept_Encoding', 'br'), ('Accept_Encoding', 'deflate'),
                        ('If_None_Match', '*'), ('Accept', 'application/json')):
        status, headers, body = fetch(follower.address, '/metrics', **{name: value})
        is_plain = not {'Content-Encoding', 'Content-Range'} & headers.keys()
        lab.check(f'{name}: {value} changes nothing',
                  status == 200 and is_plain and 'sent_bytes_count' in Exposition(body).samples, (status, headers))
    with connect(follower.address) as stream:
        for _ in range(3):
            stream.sendall(b'GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n')
            answer = b''
            while not answer.endswith(b'healthy.\n') and (part := stream.recv(4096)):
                answer += part
            lab.check('a connection is kept', answer.startswith(b'HTTP/1.1 200') and b'healthy' in answer, answer)


def answer_to(follower, data):
    """What comes back for bytes, until the server closes, and after how many seconds it does."""
    begin, answer = time.monotonic(), b''
    with connect(follower.address, seconds=3 * HEAD_SECONDS) as stream:
        try:
            stream.sendall(data)
            while more := stream.recv(65536):
                answer += more
        except ConnectionError:
            pass
    return answer, time.monotonic() - begin


def check_limits(lab, follower):
    def head_of(kib):
        lines = [b'X-%d: %b\r\n' % (number, b'x' * 1015) for number in range(kib)]
        return b'GET /-/healthy HTTP/1.1\r\nHost: a\r\nConnection: close\r\n' + b''.join(lines) + b'\r\n'

    answer, _ = answer_to(follower, head_of(14))
    lab.check('a head of 14 KiB is read', answer.startswith(b'HTTP/1.1 200'), answer)
    for what, data in {'a head of 20 KiB': head_of(20), 'a head of a megabyte': head_of(1000),
                       'a line without an end': b'GET /' + b'x' * 1_000_000,
                       'a header without an end': b'GET / HTTP/1.1\r\nA: ' + b'x' * 1_000_000}.items():
        answer, seconds = answer_to(follower, data)
        lab.check(f'{what} is cut off at once', b' 200 ' not in answer and seconds < 2, (answer[:100], seconds))
    for what, data in {'TLS': b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
                       'a thousand zeros': bytes(1000) + b'\r\n\r\n',
                       'HTTP/9': b'GET / HTTP/9.9\r\n\r\n'}.items():
        answer, _ = answer_to(follower, data)
        lab.check(f'{what} on the port gets no page', b' 200 ' not in answer, answer)


def check_no_hidden_requests(lab, follower):
    """What is left of a refused request is no request: else a client of a proxy could ask in the proxy's name."""
    hidden = b'GET /-/ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
    head = {'the body of a POST': b'POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n' % len(hidden),
            'the body of a GET': b'GET /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n' % len(hidden),
            'a chunk': b'POST /metrics HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n' % len(hidden),
            'the rest of a head': b'GET / HTTP/1.1\r\n' + (b'X: ' + b'x' * 1019 + b'\r\n') * 16,
            'what follows a long header': b'GET / HTTP/1.1\r\nA: ' + b'x' * 9000 + b'\r\n\r\n'}
    for what, data in head.items():
        answer, seconds = answer_to(follower, data + hidden)
        lab.check(f'{what} is not read as a request', b'is ready' not in answer and seconds < 2, (answer, seconds))
    lab.refuses('a request that is read', b'is ready' in answer_to(follower, hidden)[0])


def check_slow_head(lab, follower):
    begin = time.monotonic()
    with connect(follower.address) as stream:
        stream.settimeout(0.2)
        is_open = True
        while is_open and time.monotonic() < begin + 3 * HEAD_SECONDS:
            try:
                stream.sendall(b'G')
                is_open = stream.recv(100) != b''
            except TimeoutError:
                pass
            except ConnectionError:
                is_open = False
    seconds = time.monotonic() - begin
    lab.check(f'a head that comes byte by byte is cut off after {HEAD_SECONDS} s: {seconds:.1f}',
              HEAD_SECONDS - 1 < seconds < HEAD_SECONDS + 2)
    lab.check('and all the same it serves', fetch(follower.address, '/-/healthy')[0] == 200)


def is_served(address):
    try:
        return fetch(address, '/-/healthy')[0] == 200
    except OSError:
        return False


def check_addresses(lab, site):
    second, path = ('127.0.0.1', lab.free_port()), lab.dir / 'http.sock'
    follower = site.follow(f'--web.listen-address=127.0.0.1:{second[1]}', f'--web.listen-address=unix:{path}',
                           '--web.telemetry-path=/m', name='three')
    addresses = follower.address, second, path
    for address, what in zip(addresses, ('the first port', 'the second', 'the unix socket')):
        status, _, body = fetch(address, '/m')
        lab.check(f'{what} serves the metrics', status == 200 and Exposition(body)['sent_bytes_count'] > 0)
    lab.check('only under the path that was asked for', fetch(second, '/metrics')[0] == 404)

    for what, address, says in (
            ('a port that is taken', f'127.0.0.1:{second[1]}', 'in use'),
            ('a socket that is taken', f'unix:{path}', 'in use'),
            ('a socket in a folder that is not there', f'unix:{lab.dir}/none/http.sock', 'No such file'),
            ('an address of somebody else', '192.0.2.1:80', 'Cannot assign'),
            ('a name that nobody has', 'nowhere.invalid:80', 'no address is known for this name'),
            ('a file that is no socket', f'unix:{site.rules}', 'the file there is no socket: remove it'),
            ('a path that is too long', f'unix:/{"a" * 107}', 'at most 107 bytes')):
        words = f'--config.file={site.rules}', f'--web.listen-address={address}'
        done = lab.run(lab.tailmeter, 'run', *words, seconds=3)
        lab.check(f'{what} ends it with 1 and is named',
                  done.returncode == 1 and address in done.stderr and says in done.stderr, done)
    lab.check('the first still serves on all its addresses', all(map(is_served, addresses)))

    follower.server.stop(signal.SIGKILL)
    again = site.follow(f'--web.listen-address=unix:{path}', name='again')
    lab.check('a socket that was left by one that was killed is no obstacle', is_served(path))
    lab.check('the socket is gone after the end', again.server.stop() == 0 and not path.exists(), again.server.output())


def check_names(lab, site):
    """On a host with names of more than one address, of which it has not got all."""
    hosts = lab.write('hosts', '127.0.0.1 both some\n127.0.0.1 some both\n::1 both\n192.0.2.1 some\n')
    host = ['unshare', '-m', 'sh', '-c', f'mount --bind {hosts} /etc/hosts && exec "$@"', 'sh']
    if lab.run(*host, 'true').returncode != 0:
        print('# not tested: names of several addresses (no mount may be made)')
        return
    for name, addresses in ('both', ['127.0.0.1', '[::1]']), ('some', ['127.0.0.1']):
        port = lab.free_port()
        server = lab.start(name, *host, lab.tailmeter, 'run', f'--config.file={site.rules}', '--state.dir=none',
                           f'--web.listen-address={name}:{port}', unprivileged=False)
        wait_until('it serves', lambda: all(is_served((address.strip('[]'), port)) for address in addresses))
        told = sorted(re.findall(r'msg="listening" address=(\S+)', server.output()))
        lab.check(f'"{name}" is served on all of its addresses that are there',
                  told == [f'http://{address}:{port}' for address in addresses], told)
        lab.check('and ends with 0', server.stop() == 0, server.output())


def half_open(follower, number):
    streams = [connect(follower.address) for _ in range(number)]
    for stream in streams:
        stream.sendall(b'GET /metrics HTTP/1.1\r\nHost: a\r\n')
    return streams


def check_end(lab, site):
    for number in signal.SIGTERM, signal.SIGINT:
        for clients in 0, SLOW_CLIENTS:
            follower = site.follow(name=f'ending-{number.name}-{clients}')
            streams = half_open(follower, clients)
            begin = time.monotonic()
            code = follower.server.stop(number)
            seconds = time.monotonic() - begin
            lab.check(f'{number.name} ends it with 0 within a second, with {clients} slow clients: {seconds:.2f} s',
                      code == 0 and seconds < 1, follower.server.output())
            for stream in streams:
                stream.close()


def check_slow_clients(lab, follower):
    streams = half_open(follower, SLOW_CLIENTS)
    begin = time.monotonic()
    status, _, _ = fetch(follower.address, '/metrics', seconds=3 * HEAD_SECONDS)
    seconds = time.monotonic() - begin
    lab.check(f'{SLOW_CLIENTS} clients with half a head do not hold up a scrape: {seconds:.1f} s',
              status == 200 and seconds < HEAD_SECONDS)
    for stream in streams:
        stream.close()


def main(lab):
    site = Site(lab)
    follower = site.follow()
    check_pages(lab, site, follower)
    check_headers(lab, follower)
    check_limits(lab, follower)
    check_no_hidden_requests(lab, follower)
    check_slow_head(lab, follower)
    check_slow_clients(lab, follower)
    lab.check('it ends with 0', follower.server.stop() == 0, follower.server.output())
    check_addresses(lab, site)
    check_names(lab, site)
    check_end(lab, site)


run_test(main)
