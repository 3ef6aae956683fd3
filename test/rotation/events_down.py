"""What happens to a log while its exporter is down. 100 lines are read before it ends; 50 more may not be."""
from log import HEADER, Log, compress
from scene import event


def rotate_while_down(scene, *rotations, **options):
    """50 lines are written before each rotation and after the last, and 50 when the exporter is up again."""
    log = scene.followed_log(**options)
    log.write(100)
    scene.wait_until_read()
    log.write(50)
    with scene.down():
        for rotate in rotations:
            log.write(50)
            rotate(log)
        log.write(50)
    log.write(50)


def copied_over_while_down(scene, suffix):
    log = scene.followed_log()
    for _ in range(3):
        log.write(100)
        scene.wait_until_read()
        log.write(50)
        with scene.down():
            log.write(50)
            log.copy_over(suffix)
            log.write(50)
    log.write(50)


def gzip(log):
    log.rotate_and_compress('.gz')


def dated(day, suffix=''):
    def rotate(log):
        log.rotate(log.named(f'-202611{day}'))
        if suffix:
            compress(log.named(f'-202611{day}'), suffix)
    return rotate


def to_olddir(log):
    folder = log.path.parent / 'old'
    folder.mkdir(exist_ok=True)
    log.rotate(folder / f'access.log-2026112{len(list(folder.iterdir()))}')


@event(kill=True)
def restart(scene):
    """down while 100 of 300 lines are written"""
    log = scene.followed_log()
    log.write(100)
    scene.wait_until_read()
    with scene.down():
        log.write(100)
    log.write(100)


@event(kill=True)
def down_rename(scene):
    """down: renamed"""
    rotate_while_down(scene, Log.rotate)


@event(kill=True)
def down_three_renames(scene):
    """down: renamed three times"""
    rotate_while_down(scene, Log.rotate, Log.rotate, Log.rotate)


@event(kill=True)
def down_dateext(scene):
    """down: renamed to access.log-20261121 and access.log-20261122"""
    rotate_while_down(scene, dated(21), dated(22))


@event(kill=True)
def down_olddir(scene):
    """down: moved twice to a folder old/ beside it"""
    rotate_while_down(scene, to_olddir, to_olddir)


@event(kill=True)
def down_olddir_beside(scene):
    """down: moved to a folder beside the log's"""
    (scene.dir / 'site').mkdir()
    (scene.dir / 'old').mkdir()
    log = scene.log('site/access.log')
    scene.follow('site/access.log')
    log.write(100)
    scene.wait_until_read()
    log.write(50)
    with scene.down():
        log.write(50)
        log.rotate(scene.dir / 'old/access.log.1')
        log.write(50)
    log.write(50)


@event(kill=True)
def down_link_switched(scene):
    """down: the name is a symbolic link, and is switched to another file"""
    first = scene.linked_log('app.INFO.20261121')
    scene.follow()
    first.write(100)
    scene.wait_until_read()
    first.write(50)
    with scene.down():
        first.write(50)
        second = scene.linked_log('app.INFO.20261122')
        second.write(50)
    first.write(50)
    second.write(50)


@event(kill=True)
def down_gz(scene):
    """down: renamed and gzipped"""
    rotate_while_down(scene, gzip)


@event(kill=True, needs=('zstd',))
def down_zst(scene):
    """down: renamed and compressed by zstd"""
    rotate_while_down(scene, lambda log: log.rotate_and_compress('.zst'))


@event(kill=True)
def down_gz_chain(scene):
    """down: twice renamed and gzipped, access.log.2.gz and access.log.1.gz"""
    rotate_while_down(scene, gzip, gzip)


@event(kill=True)
def down_header_gz_chain(scene):
    """down: twice renamed and gzipped; each file begins with the same header of 600 bytes"""
    rotate_while_down(scene, gzip, gzip, header=HEADER)


@event(kill=True)
def down_delaycompress(scene):
    """down: twice renamed, the older one gzipped (delaycompress)"""
    rotate_while_down(scene, *[lambda log: log.rotate_and_compress('.gz', is_delayed=True)] * 2)


@event(kill=True)
def down_dateext_gz(scene):
    """down: access.log-20261121.gz and access.log-20261122.gz"""
    rotate_while_down(scene, dated(21, '.gz'), dated(22, '.gz'))


@event(kill=True)
def down_copytruncate(scene):
    """down: copied and truncated"""
    rotate_while_down(scene, Log.copytruncate)


@event(kill=True)
def down_copytruncate_regrown(scene):
    """down: copied, truncated, and longer than before"""
    rotate_while_down(scene, Log.copytruncate, lambda log: log.write(500))


@event(kill=True)
def down_two_copytruncates(scene):
    """down: copied and truncated twice"""
    rotate_while_down(scene, Log.copytruncate, Log.copytruncate)


@event(kill=True)
def down_copied_over(scene):
    """down: copied over the access.log.1 of the last time (cp, and : > access.log) and truncated"""
    copied_over_while_down(scene, '.1')


@event(kill=True)
def down_copied_over_gz(scene):
    """down: compressed over the access.log.1.gz of the last time (gzip -c, and : > access.log) and truncated"""
    copied_over_while_down(scene, '.1.gz')


@event(kill=True)
def down_copytruncate_gz(scene):
    """down: copied and truncated, the copy gzipped"""
    rotate_while_down(scene, Log.copytruncate, lambda log: compress(log.named('.1'), '.gz'))
