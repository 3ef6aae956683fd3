"""Real registries behind nginx, to which skopeo pushes and from which it pulls: does the preset count in a registry's own
log what nginx wrote about the same requests, and the preset for mirrors each blob?"""
import re
from collections import Counter
from decimal import Decimal

from exposition import series
from lab import PRESET, run_test, wait_until
from nginx import Nginx, log_format
from registry import LAYERS, Layout, Skopeo, registry
from visitor import BYTES, ERRORS, REQUESTS, SECONDS, compare, follow, labelled

FORMATTERS = 'text', 'json', 'logstash'
PULLS = 3
# The format is the one that the preset "mirror" tells nginx to have.
HTTP = '''
  log_format mirror '{mirror}';
  client_max_body_size 0;
  {servers}
'''
SERVER = '''
  server {{
    listen 127.0.0.1:{port};
    access_log {dir}/{name}.nginx.log mirror;
    location / {{ proxy_pass http://127.0.0.1:{registry}; proxy_http_version 1.1; proxy_set_header Host $http_host; }}
  }}
'''
# Not what a client said that spoke TLS to a port without it: skopeo does, at first, and no registry hears of it.
REQUEST = re.compile(r'"([A-Z]+) (\S+) HTTP/1\.1" (\d{3}) (\d+) ')
PROBE = 'GET', '/v2/', '200', '2'                       # whether the registry is there, asked of itself


def registry_figures(requests, own):
    """What the preset has to make of these, (method, path, status, bytes). Sizes are those of the registry's access log,
    which is among its own lines and which the preset passes over: of an answer to HEAD nginx sees no body."""
    classes = Counter(status[0] + 'xx' for _, _, status, _ in requests)
    counts = Counter((method, status) for method, _, status, _ in requests)
    codes = Counter('manifest unknown' if '/manifests/' in path else 'blob unknown'
                    for _, path, status, _ in requests if status == '404')
    return {**{series(REQUESTS, method=method, status=status): Decimal(count)
               for (method, status), count in counts.items()},
            **labelled(ERRORS, 'class', {name: classes[name] for name in ('4xx', '5xx') if classes[name]}),
            **labelled('registry_errors_total', 'code', codes),
            'http_5xx_errors_total': classes['5xx'], SECONDS + '_count': len(requests),
            BYTES: sum(int(size) for *_, size in REQUEST.findall(own))}


def move_images(lab, skopeo, layout, ports):
    """An image of two layers to each registry, and back; each time one that is not there as well."""
    for name, port in ports.items():
        skopeo.run('copy', f'oci:{layout.directory}:v1', f'docker://127.0.0.1:{port}/library/a:v1')
        for number in range(PULLS):
            target = f'dir:{lab.folder(f"pulled-{name}-{number}")}'
            skopeo.run('copy', f'docker://127.0.0.1:{port}/library/a:v1', target)
            skopeo.run('copy', f'docker://127.0.0.1:{port}/library/a:gone', target)
    lab.check('what is there was copied, and nothing else', skopeo.codes == {
        False: len(ports) * (1 + PULLS), True: len(ports) * PULLS}, skopeo.log.read_text())


def check_pulls(lab, follower, ports):
    """A pull is a manifest, each layer and the configuration."""
    metrics = follower.metrics()
    want = labelled('image_pull_requests_total', 'object', {
        'manifests': len(ports) * PULLS, 'blobs': len(ports) * PULLS * (LAYERS + 1)})
    lab.same('each manifest and each blob that was pulled counts', metrics.of('image_pull_requests_total'), want)


def main(lab):
    registries = {name: registry(lab, name, formatter=name) for name in FORMATTERS}
    ports = {name: lab.free_port() for name in FORMATTERS}
    followers = {name: follow(
        lab, name, f"files: ['{lab.dir}/output/{name}'], preset: docker_registry, start_at: beginning")
        for name in FORMATTERS}
    edge = follow(lab, 'nginx', f"files: ['{lab.dir}/*.nginx.log'], preset: mirror")
    preset = re.sub('(?m)^#', '', PRESET.read_text())
    servers = ''.join(SERVER.format(dir=lab.dir, name=name, port=ports[name], registry=registries[name])
                      for name in FORMATTERS)
    nginx = Nginx(lab, HTTP.format(mirror=log_format(preset, 'mirror'), servers=servers))
    skopeo = Skopeo(lab)
    layout = Layout(lab, 'layout')
    layout.add('v1')
    move_images(lab, skopeo, layout, ports)
    nginx.wait_until_idle()

    for name, follower in followers.items():
        requests = [PROBE, *REQUEST.findall((lab.dir / f'{name}.nginx.log').read_text())]
        log = lab.dir / 'output' / name
        wait_until('the registry has logged all', lambda: len(REQUEST.findall(log.read_text())) == len(requests))
        own = log.read_text()
        want = registry_figures(requests, own)
        compare(lab, f'formatter {name}: what nginx passed on', follower, name, want)
    check_pulls(lab, edge, ports)
    lab.sees_an_error_of_one(want)
    lab.refuses('a count without the last request', registry_figures(requests[:-1], own) != want)


run_test(main, needs=['nginx', 'skopeo', 'docker-registry'])
