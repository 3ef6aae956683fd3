"""Real copies and syncs by skopeo between two registries on loopback, counted by the preset while they ran: what the
exit codes and the registries themselves say."""
import hashlib
import io
import json
import os
import tarfile
from collections import Counter

from exposition import series
from lab import fetch, run_test, wait_until

SUCCESS, FAILED, SKIPPED = 'mirror_sync_success_total', 'mirror_sync_failed_total', 'mirror_sync_skipped_total'
BLOBS, RETRIES, SECONDS = 'mirror_sync_blobs_total', 'mirror_sync_retries_total', 'mirror_sync_duration_seconds'
REGISTRY = '''version: 0.1
storage: {{filesystem: {{rootdirectory: {directory}}}}}
http: {{addr: '127.0.0.1:{port}'}}
'''
SOME_IMAGES = '''127.0.0.1:{port}:
  tls-verify: false
  images:
    library/a: [v1, gone]
    library/none: []
'''
RULES = '''sources:
  - {{name: skopeo, files: [{log}], preset: skopeo, start_at: beginning}}
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


def registry(lab, name):
    port = lab.free_port()
    configuration = lab.write(f'{name}.yml', REGISTRY.format(directory=lab.folder(name), port=port))
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


def all_runs(lab, skopeo, source, target):
    """What is copied and synced; the figures that are known of it without the log."""
    layout = Layout(lab, 'layout')
    for tag in ('v1', 'v2', 'failed'):
        layout.add(tag)
        skopeo.run('copy', f'oci:{layout.directory}:{tag}', f'docker://127.0.0.1:{source}/library/a:{tag}')
    copied = len(tags(source, 'library/a'))
    sync = ('--src=docker', '--dest=docker')
    upstream = f'127.0.0.1:{source}/library'
    skopeo.run('sync', *sync, f'{upstream}/a', f'127.0.0.1:{target}/mirror')
    synced = len(tags(target, 'mirror/a'))
    skopeo.run('sync', *sync, f'{upstream}/a', f'127.0.0.1:{target}/mirror')                  # there already
    lab.check('what was to be copied and synced is there', (copied, synced) == (3, 3), (copied, synced))
    lab.check('no run has failed', not skopeo.codes[True], skopeo.log.read_text())

    some = lab.write('some.yml', SOME_IMAGES.format(port=source))
    skopeo.run('sync', '--keep-going', '--src=yaml', '--dest=docker', some, f'127.0.0.1:{target}/other')
    other = len(tags(target, 'other/a'))
    nobody = f'127.0.0.1:{lab.free_port()}'
    skopeo.run('copy', '--retry-times=1', f'docker://{nobody}/a:v1', f'docker://127.0.0.1:{target}/a:v1')
    skopeo.run('sync', *sync, f'{upstream}/none', f'127.0.0.1:{target}/mirror')
    lab.check('three runs have failed', skopeo.codes[True] == 3, skopeo.log.read_text())
    # The first of these failed for an image and for a repository; of the copy that failed the image is not told.
    return {series(SUCCESS): copied + synced + synced + other, series(SKIPPED): synced,
            series(BLOBS): LAYERS * (copied + synced + other), series(RETRIES): 1, series(FAILED): 1,
            series(FAILED, image=f'{upstream}/a'): 1, series(FAILED, image=f'{upstream}/none'): 2,
            series(SECONDS + '_count'): 3}


def main(lab):
    source, target = registry(lab, 'source'), registry(lab, 'target')
    skopeo = Skopeo(lab)
    rules = lab.write('rules.yml', RULES.format(log=skopeo.log))
    follower = lab.follow(f'--config.file={rules}')
    want = all_runs(lab, skopeo, source, target)
    metrics = follower.metrics()
    got = metrics.of(SUCCESS, FAILED, SKIPPED, BLOBS, RETRIES)
    got[series(SECONDS + '_count')] = metrics.of(SECONDS)[series(SECONDS + '_count')]
    lab.same('what skopeo says counts as it is', got, want)
    lab.check('no line is unknown', not metrics[series('tailmeter_lines_total', source='skopeo', outcome='unmatched')],
              skopeo.log.read_text())
    lab.sees_an_error_of_one(want)


run_test(main, needs=['skopeo', 'docker-registry'])
