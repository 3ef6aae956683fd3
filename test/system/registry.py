"""Real registries on loopback, images to push, and skopeo to copy them."""
import hashlib
import io
import json
import os
import tarfile
from collections import Counter

from lab import fetch, wait_until

REGISTRY = '''version: 0.1
storage: {{filesystem: {{rootdirectory: {directory}}}}}
http: {{addr: '127.0.0.1:{port}'}}
log: {{level: info, formatter: {formatter}}}
'''
LAYERS = 2


class Layout:
    """An OCI layout: a directory of images."""

    def __init__(self, lab, name):
        self.directory, self.manifests = lab.folder(name), []
        lab.write(f'{name}/oci-layout', '{"imageLayoutVersion": "1.0.0"}')
        (self.directory / 'blobs/sha256').mkdir(parents=True)

    def blob(self, kind, data):
        digest = hashlib.sha256(data).hexdigest()
        (self.directory / 'blobs/sha256' / digest).write_bytes(data)
        return {'mediaType': f'application/vnd.oci.image.{kind}', 'digest': f'sha256:{digest}', 'size': len(data)}

    def layer(self):
        text = io.BytesIO()
        with tarfile.open(fileobj=text, mode='w') as archive:
            entry = tarfile.TarInfo('data')
            entry.size = 10_000
            archive.addfile(entry, io.BytesIO(os.urandom(entry.size)))
        return self.blob('layer.v1.tar', text.getvalue())

    def add(self, tag):
        """An image of layers that no other has."""
        layers = [self.layer() for _ in range(LAYERS)]
        config = {'architecture': 'amd64', 'os': 'linux', 'config': {},
                  'rootfs': {'type': 'layers', 'diff_ids': [layer['digest'] for layer in layers]}}
        manifest = {'schemaVersion': 2, 'mediaType': 'application/vnd.oci.image.manifest.v1+json',
                    'config': self.blob('config.v1+json', json.dumps(config).encode()), 'layers': layers}
        entry = self.blob('manifest.v1+json', json.dumps(manifest).encode())
        self.manifests.append({**entry, 'annotations': {'org.opencontainers.image.ref.name': tag}})
        (self.directory / 'index.json').write_text(json.dumps({'schemaVersion': 2, 'manifests': self.manifests}))


def registry(lab, name, formatter='text'):
    """Starts one, whose log is output/NAME, and returns its port."""
    port = lab.free_port()
    configuration = lab.write(f'{name}-registry.yml', REGISTRY.format(
        directory=lab.folder(name), port=port, formatter=formatter))
    lab.start(name, 'docker-registry', 'serve', configuration)
    wait_until(f'the registry {name} answers', lambda: fetch(('127.0.0.1', port), '/v2/')[0] == 200)
    return port


def tags(port, repository):
    """The tags that a registry has."""
    status, _, body = fetch(('127.0.0.1', port), f'/v2/{repository}/tags/list')
    return json.loads(body)['tags'] if status == 200 else []


class Skopeo:
    """Runs skopeo, whose words all go to one file, and counts the runs that failed."""

    def __init__(self, lab):
        self.lab, self.codes = lab, Counter()
        self.log = lab.write('skopeo.log', '')

    def run(self, command, *words):
        # The test's own policy: a host's may forbid everything.
        policy = self.lab.write('policy.json', '{"default": [{"type": "insecureAcceptAnything"}]}')
        done = self.lab.run('sh', '-c', 'exec "$@" >> "$0" 2>&1', self.log, 'skopeo', f'--policy={policy}', command,
                            '--src-tls-verify=false', '--dest-tls-verify=false', *words)
        self.codes[done.returncode != 0] += 1
        return done.returncode
