"""A real nginx in a Lab: it listens on loopback, writes in the lab's directory, and counts its requests itself."""
import re
import socket

from lab import fetch, wait_until

CONFIGURATION = '''
worker_processes 2;
daemon off;
pid {dir}/nginx.pid;
error_log {dir}/nginx.error.log;
events {{ worker_connections 512; }}
http {{
  client_body_temp_path {temp}/body; proxy_temp_path {temp}/proxy; fastcgi_temp_path {temp}/fastcgi;
  uwsgi_temp_path {temp}/uwsgi; scgi_temp_path {temp}/scgi;
  access_log off;
  keepalive_requests 100000000;
  server {{ listen 127.0.0.1:{status_port}; location = /stub_status {{ stub_status; }} }}
  {http}
}}
'''


def log_format(text, name):
    """The value of `log_format NAME` in a configuration: what nginx makes of its quoted strings."""
    strings = re.search(rf"log_format\s+{name}\s+((?:'[^']*'\s*)+);", text)[1]
    return ''.join(re.findall(r"'([^']*)'", strings))


class Nginx:
    def __init__(self, lab, http):
        self._status = ('127.0.0.1', lab.free_port())
        self._asked = 0
        file = lab.write('nginx.conf', CONFIGURATION.format(
            dir=lab.dir, temp=lab.folder('temp'), status_port=self._status[1], http=http))
        self.server = lab.start('nginx', 'nginx', '-e', lab.dir / 'nginx.error.log', '-c', file)
        wait_until('nginx answers', self._stub_status)

    def _stub_status(self):
        if self.server.process.poll() is not None:
            raise RuntimeError(f'nginx ended: {self.server.output()}')
        text = fetch(self._status, '/stub_status')[2].decode()
        self._asked += 1
        return text

    def requests(self):
        """How many requests nginx has seen, by its own count, without those for that count."""
        return int(self._stub_status().split('\n')[2].split()[2]) - self._asked

    def wait_until_idle(self):
        """Until all connections but the one that asks are gone, and with them all requests are logged."""
        wait_until('nginx is idle', lambda: 'Active connections: 1 ' in self._stub_status())


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(('::1', 0))
        return True
    except OSError:
        return False
