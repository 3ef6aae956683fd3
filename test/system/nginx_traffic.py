"""Many kinds of requests, as a public server gets them, and an upstream that answers well, badly, late or never."""
import base64
import http.client
import http.server
import socket
import threading
import time
import urllib.parse

from lab import connect, fetch, wait_until

METHODS = 'GET HEAD POST PUT PATCH DELETE OPTIONS MKCOL PURGE PROPFIND TRACE CONNECT BREW X-Y_Z get G\xc9T'.split()
STATUSES = (200, 201, 202, 204, 206, 301, 302, 304, 307, 400, 401, 403, 404, 405, 408, 409, 413, 416, 418, 429, 444,
            499, 500, 501, 502, 503, 504, 507, 599)
NOT_REQUESTS = [
    b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + bytes(range(32)),        # TLS says hello
    b'\x00\x01\x02\x03\xff\xfe\r\n\r\n', b'\x05\x01\x00', b'\r\n\r\n', b'', b'\n', b'GET\r\n\r\n', b'HELP\r\n',
    b'GET /old\r\n', b'GET / HTTP/9.9\r\n\r\n', b'GET  /two-blanks HTTP/1.1\r\nHost: a\r\n\r\n',
    b'GET / HTTP/1.1\r\n\r\n',
    b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', b'-', b'"\\" [] - -\r\n\r\n', b'GET /unfinished HTT']
TARGETS = [
    b'/', b'/%22%5C%0A', b'/"quoted"', b'/back\\slash', b'/\xc3\xa9\xe9\x8f\xa1', b'/\xff\xfe\x80',
    b'/a%20b?c=d&e="f"', b'/#[]{}|^`', b'/x HTTP/1.1', b'http://localhost/v2/a/b/manifests/absolute',
    b'/v2/', b'/v2//manifests/', b'/v2/a/manifests/b?x=/v2/c/blobs/d', b'/v2/manifests/manifests/manifests',
    b'/v2/library/nginx/manifests/latest', b'/v2/a/b/c/blobs/sha256:0123?size=70000', b'/v2/a/blobs/sha256:1?size=255',
    b'/v2/a/blobs/sha256:2?size=256', b'/v2/a/blobs/sha256:3?size=257', b'/v2/a/blobs/sha256:4?size=1024']
AGENTS = [
    b'curl/7.88.1', b'-', b'', b'"', b'a "b" \\c\\', b'\xc3\xa9\xff', b'tab\there',
    b'" 200 5 "-" "forged" rt=9.000 urt="-" cs=HIT',
    b'Mozilla/5.0 (X11; Linux x86_64) "\\"', b'${jndi:ldap://a/b}', b"'; drop table--", b'{"json": true}']
USERS = ['alice', 'bob of the [tower]', 'quo"te', 'back\\slash', 'J\xfcrgen', ' ', '-',
         'a - b [21/Nov/2026:18:49:31 +0000]', '[x] "GET']


class Upstream:
    """Answers what a path asks for. `is_slow_begun` is set when a slow answer is awaited."""

    def __init__(self, seconds_to_answer=0.0):
        seen, self.is_slow_begun = set(), threading.Event()
        upstream = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def __getattr__(self, name):
                if name.startswith('do_'):
                    return self.answer
                raise AttributeError(name)

            def answer(self):
                time.sleep(seconds_to_answer)
                path, _, query = self.path.partition('?')
                kind, _, rest = path.lstrip('/').partition('/')
                getattr(self, f'answer_{kind}', self.answer_plain)(rest, urllib.parse.parse_qs(query))

            def reply(self, status, body=b'', **headers):
                self.send_response(status)
                for name, value in {'Content_Length': len(body), **headers}.items():
                    self.send_header(name.replace('_', '-'), str(value))
                self.end_headers()
                if self.command != 'HEAD':
                    self.wfile.write(body)

            def answer_plain(self, _rest, query):
                self.reply(200, b'x' * int(query.get('size', ['5'])[0]))

            def answer_status(self, rest, _query):
                self.reply(int(rest))

            def answer_slow(self, rest, _query):
                upstream.is_slow_begun.set()
                time.sleep(float(rest))
                self.reply(200, b'late')

            def answer_expiring(self, rest, _query):                # good, then bad
                is_first = rest not in seen
                seen.add(rest)
                self.reply(200 if is_first else 500, b'good', Cache_Control='max-age=1')

            def answer_renewed(self, _rest, _query):
                self.reply(200, b'good', Cache_Control='max-age=1')

            def answer_tagged(self, _rest, _query):
                status = 304 if 'If-None-Match' in self.headers else 200
                self.reply(status, b'good', Cache_Control='max-age=1', ETag='"a"')

            def answer_redirected(self, rest, _query):
                self.reply(200, b'no', X_Accel_Redirect=f'/plain/{rest}')

            def answer_garbage(self, _rest, _query):
                self.wfile.write(b'this is no answer\r\n')

            def answer_cut(self, _rest, _query):
                self.reply(200, b'short', Content_Length=5000)

            def answer_nothing(self, _rest, _query):
                self.close_connection = True

            def log_message(self, *_):
                pass

            def handle(self):
                try:
                    super().handle()
                except OSError:                                     # nginx no longer waits
                    pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.address = f'127.0.0.1:{self.server.server_port}'
        threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def send(address, data, is_all=True):
    """Sends bytes, says that these are all unless `is_all` is false, and waits until the server closes."""
    with connect(address) as stream:
        try:
            stream.sendall(data)
            if is_all:
                stream.shutdown(socket.SHUT_WR)
            while stream.recv(65536):
                pass
        except OSError:
            pass                                                    # closed before it had read all


def ask(address, target, method='GET', headers=(), body=b''):
    lines = [method.encode('latin-1') + b' ' + target + b' HTTP/1.1', b'Host: localhost', b'Connection: close']
    lines += [name.encode() + b': ' + value for name, value in headers]
    lines += [b'Content-Length: %d' % len(body)] if body else []
    send(address, b'\r\n'.join(lines) + b'\r\n\r\n' + body, is_all=False)


def every_kind(address):
    for data in NOT_REQUESTS:
        send(address, data)
    for method in METHODS:
        for status in 200, 404, 500:
            ask(address, b'/status/%d' % status, method)
        ask(address, b'/v2/a/b/manifests/latest', method)
        ask(address, b'/v2/a/b/blobs/uploads/0c4e', method, body=b'layer')
    for status in STATUSES:
        ask(address, b'/status/%d' % status)
    for target in TARGETS:
        ask(address, target)
    for agent in AGENTS:
        ask(address, b'/agent', headers=[('User-Agent', agent), ('Referer', agent)])
    for user in USERS:
        ask(address, b'/user', headers=[('Authorization', b'Basic ' + base64.b64encode(user.encode() + b':secret'))])
    for size in 100, 1000, 4000, 8000, 8150, 8192, 9000, 40000:
        ask(address, b'/' + b'l' * size)
        ask(address, b'/' + b'\xff' * size)
    eight_kib = b'\xfe' * 8000
    ask(address, b'/' + eight_kib, headers=[('User-Agent', eight_kib), ('Referer', eight_kib)])     # one line of 94 KiB
    send(address, b'POST /cut-off HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nfew')
    ask(address, b'/too-large', 'POST', body=b'x' * 70_000)


def every_failure(address, upstream):
    for kind in b'dead', b'retry', b'late', b'late-retry', b'both-dead', b'redirected', b'garbage', b'cut', b'nothing':
        for number in range(3):
            ask(address, b'/%s/%d' % (kind, number))
    for number in range(3):
        upstream.is_slow_begun.clear()
        with connect(address) as stream:                            # 499: the client does not wait
            stream.sendall(b'GET /slow/5?%d HTTP/1.1\r\nHost: a\r\n\r\n' % number)
            upstream.is_slow_begun.wait(10)
    for hundredths in 0, 1, 3, 7, 12, 30:
        ask(address, b'/slow/%.2f' % (hundredths / 100))


def every_cache_status(address):
    def cache_status(target):
        return fetch(address, target)[1].get('X-Cache')
    for _ in range(4):
        fetch(address, '/v2/cached/blobs/sha256:1')                 # MISS, then HIT
        fetch(address, '/v2/cached/blobs/sha256:1?bypass=1')
    for target, status in ('/expiring/1', 'STALE'), ('/renewed/1', 'EXPIRED'), ('/tagged/1', 'REVALIDATED'):
        wait_until(f'{target} is {status}', lambda target=target, status=status: cache_status(target) == status)


def concurrent_clients(address, clients=8, requests_of_each=40):
    def client(number):
        connection = http.client.HTTPConnection(*address, timeout=30)
        for request in range(requests_of_each):
            method, target = ('GET', 'HEAD', 'PUT')[request % 3], f'/v2/c{number % 3}/blobs/sha256:{request % 7}'
            connection.request(method, f'{target}?size={request * 97}')
            connection.getresponse().read()
        connection.close()
    threads = [threading.Thread(target=client, args=[number]) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
