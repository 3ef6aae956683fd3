"""Clients of a web server that mean no good: each kind is a class, and a Horde runs many of them in a process of its own.

An attacker has so many connections from so many addresses of this machine, does something on each now and then, and opens
another one where the server closed one."""
import contextlib
import itertools
import multiprocessing
import random
import resource
import socket
import ssl
import time

TURN_SECONDS = 0.05
OPENED_A_TURN = 100       # by each attacker: 2,000 a second
LONG_HEAD = b'GET /metrics HTTP/1.1\r\nHost: a\r\n'
SCRAPE = LONG_HEAD + b'\r\n'
PART = 64 * 1024


class Attacker:
    number = 20
    sources = range(2, 6)     # the last bytes of 127.0.0.x; the scraper's is 1
    part_a_turn = 1           # of the connections that do something each turn
    small_window = False
    speaks_tls = True         # to a server that does

    def begin(self, stream):
        """On a new connection."""

    def go_on(self, stream):
        """On one that is there."""


class Idle(Attacker):
    """Says nothing."""
    number, sources = 2000, range(1, 41)
    part_a_turn = 0.1
    speaks_tls = False


class Slow(Attacker):
    """Sends a byte of a head now and then."""
    number, sources = 1000, range(1, 21)
    part_a_turn = 0.05

    def begin(self, stream):
        stream.send(b'G')

    def go_on(self, stream):
        stream.send(b'ET /metrics HTTP/1.1\r\nX: '[stream.turn % 26:][:1])


class ByteByByte(Attacker):
    """Sends a whole head, one byte a turn, which takes it a little longer than it has."""

    def go_on(self, stream):
        stream.send(SCRAPE[stream.turn % len(SCRAPE):][:1])


class SlowReader(Attacker):
    """Asks for a large page and reads a byte a turn."""
    number, sources = 60, range(2, 11)
    small_window = True

    def begin(self, stream):
        stream.send(SCRAPE)

    def go_on(self, stream):
        stream.recv(1)


class EndlessHead(Attacker):
    def begin(self, stream):
        stream.send(LONG_HEAD)

    def go_on(self, stream):
        stream.send(b'X: ' + b'x' * 1000)


class ManyFields(Attacker):
    """A million of them, if it were let."""

    def begin(self, stream):
        stream.send(LONG_HEAD)

    def go_on(self, stream):
        stream.send(b'X: y\r\n' * 10_000)


class Ranges(Attacker):
    number = 4

    def begin(self, stream):
        stream.send(LONG_HEAD + b'Range: bytes=' + b','.join(b'%d-' % n for n in range(2000)) + b'\r\n\r\n')

    def go_on(self, stream):
        stream.recv(PART)


class Body(Attacker):
    """Sends a body that was not asked for, by its length or in chunks."""
    heads = itertools.cycle([b'Content-Length: 1000000000', b'Transfer-Encoding: chunked', b'Content-Length: -1'])

    def begin(self, stream):
        stream.send(b'POST /metrics HTTP/1.1\r\nHost: a\r\n' + next(self.heads) + b'\r\n\r\n')

    def go_on(self, stream):
        stream.send(b'1000\r\n' + bytes(4096) + b'\r\n')


class Garbage(Attacker):
    """TLS, and what looks like it."""
    random = random.Random(7)
    speaks_tls = False

    def begin(self, stream):
        stream.send(b'\x16\x03\x01' + self.random.randbytes(600))

    def go_on(self, stream):
        stream.send(self.random.randbytes(100))


class Hoarder(Attacker):
    """From the scraper's own address: holds connections open that were answered once."""
    number, sources = 62, range(1, 2)

    def begin(self, stream):
        stream.send(b'GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n')

    def go_on(self, stream):
        stream.recv(PART)


class Churn(Attacker):
    """From the scraper's own address: connects, says nothing, and goes."""
    number, sources = 200, range(1, 2)
    part_a_turn = 1
    speaks_tls = False

    def go_on(self, stream):
        raise OSError('that was all')


class HandshakeDropper(Attacker):
    """Has the server do its part of a handshake, and goes: a recorded greeting costs nothing."""
    number = 60
    part_a_turn = 1
    speaks_tls = False
    greeting = b''

    def begin(self, stream):
        if not self.greeting:
            received, sent = ssl.MemoryBIO(), ssl.MemoryBIO()
            with contextlib.suppress(ssl.SSLWantReadError):
                attackers_context().wrap_bio(received, sent).do_handshake()
            HandshakeDropper.greeting = sent.read()
        stream.send(self.greeting)

    def go_on(self, stream):
        stream.recv(PART)
        raise OSError('that was all')


class HandshakeHolder(HandshakeDropper):
    """Has the server do its part of a handshake, and waits."""
    number, sources = 400, range(2, 31)
    part_a_turn = 0.1

    def go_on(self, stream):
        stream.recv(PART)


EVERYBODY = Idle, Slow, ByteByByte, SlowReader, EndlessHead, ManyFields, Ranges, Body, Garbage
IN_THE_CLEAR = *EVERYBODY, Hoarder, Churn
THROUGH_TLS = *EVERYBODY, HandshakeDropper, HandshakeHolder


class Stream(socket.socket):
    turn = 0


class TlsStream(ssl.SSLSocket):
    turn = 0


class Gang:
    """The connections of one attacker; through TLS if there is a context, and the attacker speaks it."""

    def __init__(self, attacker, address, context):
        self.attacker, self.address = attacker, address
        self.context = context if attacker.speaks_tls else None
        self.sources = itertools.cycle(attacker.sources)
        self.streams = []
        self.next = 0

    def open(self):
        stream = Stream()
        try:
            if self.attacker.small_window:
                stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            stream.bind((f'127.0.0.{next(self.sources)}', 0))
            stream.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                stream.connect(self.address)
            if self.context:        # which must be connected
                stream = self.context.wrap_socket(stream, do_handshake_on_connect=False)
            self.streams.append(stream)
        except OSError:
            stream.close()

    def step(self, stream):
        """False when the connection has ended."""
        try:
            if self.context and not stream.version():
                stream.do_handshake()
            if stream.turn == 0:
                self.attacker.begin(stream)
            else:
                self.attacker.go_on(stream)
            stream.turn += 1
            return self.attacker.small_window or stream.recv(PART) != b''
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return True
        except OSError as error:
            return error.errno == 107                       # not connected yet

    def turn(self):
        """How many connections were opened."""
        opened = min(OPENED_A_TURN, self.attacker.number - len(self.streams))
        for _ in range(opened):
            self.open()
        for _ in range(int(len(self.streams) * self.attacker.part_a_turn)):
            self.next = (self.next + 1) % len(self.streams)
            if not self.step(self.streams[self.next]):
                self.streams.pop(self.next).close()
                if not self.streams:
                    break
        return opened


def attackers_context():
    """One that trusts any server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.sslsocket_class = TlsStream
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class Horde:
    """Attackers at work, in a process of their own: `with Horde(address) as horde`. Through TLS where
    they speak it if `uses_tls`."""

    def __init__(self, address, uses_tls=False):
        kinds = THROUGH_TLS if uses_tls else IN_THE_CLEAR
        self.opened = multiprocessing.Value('q', 0)
        self.end = multiprocessing.Event()
        self.process = multiprocessing.Process(target=self.run, args=(address, uses_tls, kinds), daemon=True)

    def run(self, address, uses_tls, kinds):
        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
        context = attackers_context() if uses_tls else None
        gangs = [Gang(kind(), address, context) for kind in kinds]
        while not self.end.is_set():
            begin = time.monotonic()
            for gang in gangs:
                self.opened.value += gang.turn()
            time.sleep(max(0.01, begin + TURN_SECONDS - time.monotonic()))

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        self.process.join(5)
        self.process.kill()
        self.process.join()
