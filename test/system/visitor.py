"""A client that counts what it asked and how it was answered: what the log of any server has to come to."""
from collections import Counter
from decimal import Decimal

from exposition import series
from lab import connect

REQUESTS, ERRORS, BYTES = 'http_requests_total', 'http_errors_total', 'http_response_bytes_total'
SECONDS, UPSTREAM_SECONDS = 'http_request_duration_seconds', 'http_upstream_duration_seconds'
METHODS = 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE'
STATUSES = 200, 201, 204, 301, 304, 400, 403, 404, 410, 429, 500, 502, 503
AGENTS = ('curl/7.88.1', '-', 'a "b" \\c\\', 'tab\there', 'J\xfcrgen', '" 500 9 "-" "forged', '{"status": 500}',
          'status:500')
NO_REQUEST = b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'           # TLS says hello


class Visitor:
    """Each request on a connection of its own, one after the other."""

    def __init__(self, address):
        self.address = address
        self.answers = Counter()                        # by label of the method and status
        self.body_bytes = self.bytes = 0                # of the answers, without their heads and with them
        self.headers = []                               # of each answer, by names in small letters

    def ask(self, path, method='GET', **headers):
        """Asks, and returns the answer's status."""
        headers = {'Host': 'localhost', 'Connection': 'close', **headers}
        lines = [f'{method} {path} HTTP/1.1']
        lines += [f'{name.replace("_", "-")}: {value}' for name, value in headers.items()]
        data = '\r\n'.join([*lines, '', '']).encode('latin-1')
        return self.send(method if method in METHODS else '__other__', data)

    def send(self, method, data):
        """Sends it, and counts the answer as one to this method."""
        with connect(self.address) as stream:
            stream.sendall(data)
            answer = b''.join(iter(lambda: stream.recv(65536), b''))
        head, _, body = answer.partition(b'\r\n\r\n')
        status, *lines = head.decode('latin-1').split('\r\n')
        status = status.split(' ')[1]
        self.answers[method, status] += 1
        self.bytes += len(answer)
        self.body_bytes += len(body)
        self.headers.append({name.lower(): value for name, _, value in (line.partition(': ') for line in lines)})
        return status

    def visit(self):
        """Of all that there is something: methods and statuses, agents that imitate a log, and what is no request."""
        for method in *METHODS[:7], 'BREW', 'MKCOL':
            for path in '/plain', '/status/404', '/status/503':
                self.ask(path, method)
        for status in STATUSES:
            self.ask(f'/status/{status}')
        for agent in AGENTS:
            self.ask('/plain?a=%22&b=c', User_Agent=agent, Referer=agent)
        for size in 0, 1, 1000, 200_000:
            self.ask(f'/plain?size={size}')
        for _ in range(3):
            self.send('', NO_REQUEST)

    def seen(self, header):
        """How often the header had each value that is one."""
        return Counter(value for value in (headers.get(header, '') for headers in self.headers) if value)

    def figures(self, **more):
        """What a log of it comes to; `more` is by the names of series without labels."""
        classes = Counter()
        for (_, status), count in self.answers.items():
            classes[status[0] + 'xx'] += count
        return {**{series(REQUESTS, method=method, status=status): Decimal(count)
                   for (method, status), count in self.answers.items()},
                **{series(ERRORS, **{'class': name}): Decimal(classes[name]) for name in ('4xx', '5xx')},
                'http_5xx_errors_total': Decimal(classes['5xx']),
                **{name: Decimal(value) for name, value in more.items()}}


def labelled(family, label, counts):
    return {series(family, **{label: value}): Decimal(count) for value, count in counts.items()}


def follow(lab, name, rest):
    """Follows a source, by the preset that the rest of what is said of it names."""
    rules = lab.write(f'{name}.yml', f'sources:\n  - {{name: {name}, {rest}}}\n')
    return lab.follow(f'--config.file={rules}', name=name)


def compare(lab, sentence, follower, source, want):
    """The scrape has what is wanted, nothing else in the families with labels, and no line that was not understood."""
    metrics = follower.metrics()
    families = {key.partition('{')[0] for key in want if '{' in key}
    got = {key: value for key, value in metrics.user().items() if key in want or key.partition('{')[0] in families}
    lab.same(sentence, got, want)
    outcomes = {outcome: metrics[series('tailmeter_lines_total', source=source, outcome=outcome)]
                for outcome in ('unmatched', 'oversize')}
    lab.check(f'{sentence}: every line was understood', not any(outcomes.values()), outcomes)
