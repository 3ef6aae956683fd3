"""Real copies and syncs by skopeo between two registries on loopback, counted by the preset while they ran: what the
exit codes and the registries themselves say."""
from exposition import series
from lab import run_test
from registry import LAYERS, Layout, Skopeo, registry, tags

SUCCESS, FAILED, SKIPPED = 'mirror_sync_success_total', 'mirror_sync_failed_total', 'mirror_sync_skipped_total'
BLOBS, RETRIES, SECONDS = 'mirror_sync_blobs_total', 'mirror_sync_retries_total', 'mirror_sync_duration_seconds'
SOME_IMAGES = '''127.0.0.1:{port}:
  tls-verify: false
  images:
    library/a: [v1, gone]
    library/none: []
'''
RULES = '''sources:
  - {{name: skopeo, files: [{log}], preset: skopeo, start_at: beginning}}
'''


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
