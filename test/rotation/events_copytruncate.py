"""logrotate's copytruncate: the log is copied to access.log.1 and cut to nothing, and the server never reopens."""
import time

from scene import event

LINES = 3000      # of the process that appends all the time, in 3 s or more
ROTATIONS = 4
PAUSE_SECONDS = 0.3
GAP_SECONDS = 0.02


@event(kill=True)
def copytruncate(scene):
    """copied and truncated; less is written after than before"""
    log = scene.followed_log()
    log.write(100)
    scene.wait_until_read()
    log.copy()
    scene.moment()
    log.truncate()
    scene.moment()
    log.write(50)


@event(kill=True)
def copytruncate_regrown(scene):
    """copied, truncated, and at once longer than before"""
    log = scene.followed_log()
    log.write(100)
    scene.wait_until_read()
    log.copytruncate()
    log.write(500)
    scene.moment()


def copy_over(scene, suffix):
    log = scene.followed_log()
    for _ in range(4):
        log.write(100)
        scene.wait_until_read()
        log.write(50)
        log.copy_over(suffix)
        log.write(10)
        scene.moment()
    log.write(10)


@event(kill=True)
def copied_over(scene):
    """copied over the same access.log.1 (cp, and : > access.log) and truncated, four times"""
    copy_over(scene, '.1')


@event(kill=True)
def copied_over_gz(scene):
    """compressed over the same access.log.1.gz (gzip -c, and : > access.log) and truncated, four times"""
    copy_over(scene, '.1.gz')


@event(kill=True)
def copytruncate_holes(scene):
    """copied and truncated under a server that does not append: NULs up to its old place"""
    log = scene.followed_log(mode='wb')
    log.write(100)
    scene.wait_until_read()
    log.copytruncate()
    scene.moment()
    log.write(100)


@event(kill=True)
def copytruncate_paused(scene):
    """copied and truncated four times while a process appends; it holds still between copy and truncation"""
    log = scene.followed_log()
    log.write(10)
    scene.wait_until_read()
    appender = scene.appender(log, LINES)
    for _ in range(ROTATIONS):
        time.sleep(PAUSE_SECONDS)
        with appender.paused():
            log.copytruncate()
        scene.moment()
    appender.join()
    scene.may_lack_lines = True
    if scene.truth().gone:
        raise RuntimeError('the appender did not hold still')


@event(kill=True)
def copytruncate_running(scene):
    """copied and truncated four times while a process appends; some of it comes between copy and truncation"""
    log = scene.followed_log()
    log.write(10)
    scene.wait_until_read()
    appender = scene.appender(log, LINES)
    for _ in range(ROTATIONS):
        time.sleep(PAUSE_SECONDS)
        log.copy()
        time.sleep(GAP_SECONDS)
        log.truncate()
        scene.moment()
    appender.join()
    scene.may_lack_lines = True
