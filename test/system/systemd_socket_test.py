"""Sockets that systemd has opened: are they served, all of them, and what is said when there is none?"""
import os
import socket
import stat

from exposition import Exposition
from lab import fetch, path_of, run_test, wait_until

NO_SOCKET = '--web.systemd-socket: systemd has opened no socket for this process: start it by a socket unit with ' \
            'ListenStream=, or write --web.listen-address in place of --web.systemd-socket'
NO_STREAMS = '--web.systemd-socket: descriptor 3 from systemd is no socket that listens for streams: the socket unit needs ' \
             'ListenStream= and Accept=no'


def main(lab):
    log = lab.write('access.log', 'a\nb\n')
    words = lab.tailmeter, 'run', f'--config.file={lab.rules_for_lines(log)}', '--state.dir=none', '--web.systemd-socket'
    port, path, own = lab.free_port(), lab.dir / 'http.sock', lab.dir / 'own.sock'
    server = lab.start('tailmeter', 'systemd-socket-activate', '-l', f'127.0.0.1:{port}', '-l', path, *words,
                       f'--web.listen-address=unix:{own}', unprivileged=False)
    address = ('127.0.0.1', port)
    wait_until('it is ready', lambda: fetch(address, '/-/ready')[0] == 200)
    for what, where in (('the first socket', address), ('the second', path), ('the address beside them', own)):
        lab.check(f'{what} serves the metrics', Exposition(fetch(where, '/metrics')[2])['lines_total'] == 2)
    lab.check('its own socket is for its user and group', stat.S_IMODE(own.stat().st_mode) == 0o660, own.stat())
    lab.check('the log names them', all(f'address={where}' in server.output().replace('"', '') for where in (
        f'http://127.0.0.1:{port}', f'unix:{path}', f'unix:{own}')), server.output())
    listening = lab.run('ss', '-Hltnp').stdout if path_of('ss') else ''
    lab.check('the default address is not listened on besides', ':10564 ' not in ''.join(
        line for line in listening.splitlines() if f'pid={server.pid},' in line), listening)
    lab.check('it ends with 0', server.stop() == 0, server.output())
    lab.check('the socket of systemd stays', path.exists() and not own.exists(), os.listdir(lab.dir))

    done = lab.run(*words)
    lab.check('without a socket it ends with 2 and says what to do',
              done.returncode == 2 and done.stderr.rstrip().endswith(NO_SOCKET), done)
    server = lab.start('datagrams', 'systemd-socket-activate', '--datagram', '-l', f'127.0.0.1:{port}', *words,
                       unprivileged=False)
    send_datagram(server, address)
    lab.check('a socket for datagrams is refused', server.process.returncode == 2 and NO_STREAMS in server.output(),
              server.output())


def send_datagram(server, address):
    """Until somebody was there to take it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        def is_taken():
            sender.sendto(b'x', address)
            return server.process.poll() is not None
        wait_until('the datagram is taken', is_taken)


run_test(main, needs=['systemd-socket-activate'])
