"""A real HAProxy that logs to a unix socket, by UDP as RFC 5424 has it, and to a file: does its preset count what the
client counted?"""
import re
import signal
from collections import Counter

from exposition import series
from lab import connect, run_test, wait_until
import nginx_traffic as traffic
from visitor import BYTES, SECONDS, UPSTREAM_SECONDS, Visitor, compare, follow, labelled

CONFIGURATION = '''
global
  log {dir}/haproxy.sock local0
  log 127.0.0.1:{udp} format rfc5424 local0
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  option dontlognull
  retries 0
  timeout connect 1s
  timeout client 10s
  timeout server 300ms
frontend edge
  bind 127.0.0.1:{port}
  capture request header User-Agent len 64
  capture request header Referer len 64
  capture response header Server len 32
  http-request deny if {{ path /forbidden }}
  use_backend dead if {{ path_beg /dead }}
  default_backend web
backend web
  server s1 {live}
backend dead
  server d1 127.0.0.1:{dead}
'''
BACKENDS, TERMINATIONS = 'http_backend_requests_total', 'http_terminations_total'


def by_class(backend, statuses):
    return {series(BACKENDS, backend=backend, **{'class': name}): count
            for name, count in Counter(status[0] + 'xx' for status in statuses).items()}


def visit(visitor):
    """What a backend makes of it, and how HAProxy says that a session ended."""
    visitor.visit()
    web = [status for (method, status), count in visitor.answers.items() for _ in range(count) if method]
    garbage = sum(count for (method, _), count in visitor.answers.items() if not method)
    dead = [visitor.ask('/dead/') for _ in range(5)]
    late = [visitor.ask('/slow/5') for _ in range(2)]
    denied = [visitor.ask('/forbidden') for _ in range(3)]
    # The frontend's name stands for the backend's where none was asked. Ended by the proxy (P), by a server that
    # refused (S), for a server that was late (s): in front of the request, of the connection, of the answer.
    return {**by_class('web', web + late), **by_class('dead', dead), **by_class('edge', ['400'] * garbage + denied),
            **labelled(TERMINATIONS, 'termination',
                       {'PR--': garbage + len(denied), 'SC--': len(dead), 'sH--': len(late)}),
            SECONDS + '_count': len(visitor.headers), UPSTREAM_SECONDS + '_count': len(web)}


def main(lab):
    udp = lab.free_port()
    sources = {'unix': f"syslog: 'unix:{lab.dir}/haproxy.sock', preset: haproxy",
               'udp': f"syslog: 'udp://127.0.0.1:{udp}', prefix: syslog, preset: haproxy",
               'file': f"files: ['{lab.dir}/output/haproxy'], preset: haproxy"}
    followers = {name: follow(lab, name, rest) for name, rest in sources.items()}
    upstream = traffic.Upstream()
    visitor = Visitor(('127.0.0.1', lab.free_port()))
    configuration = lab.write('haproxy.cfg', CONFIGURATION.format(
        dir=lab.dir, udp=udp, port=visitor.address[1], live=upstream.address, dead=lab.free_port()))
    haproxy = lab.start('haproxy', 'haproxy', '-f', configuration)
    wait_until('HAProxy listens', lambda: not connect(visitor.address).close())
    more = visit(visitor)
    lab.check('HAProxy ends when all is done', haproxy.stop(signal.SIGUSR1) == 0, haproxy.output())       # and logged
    # Sizes are not those on the wire: HAProxy tells how large answers are as it holds them.
    sizes = re.findall(r' \d{3} (\d+) - - .{4} ', haproxy.output())
    lab.check('each request is a line', len(sizes) == len(visitor.headers), haproxy.output())
    want = visitor.figures(**{BYTES: sum(map(int, sizes))}, **more)
    for name, follower in followers.items():
        compare(lab, f'{name}: what the client counted', follower, name, want)
    lab.sees_an_error_of_one(want)
    upstream.close()


run_test(main, needs=['haproxy'])
