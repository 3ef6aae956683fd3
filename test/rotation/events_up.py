"""What happens to a log while it is followed: renames above all, and new files and odd lines."""
import time

from log import HEADER, line
from scene import event

STEP_SECONDS = 0.01  # between lines that a server writes, 100 a second


@event(kill=True)
def rename(scene):
    """renamed; the server goes on in the old file for 1 s, then reopens (nginx between mv and USR1)"""
    log = scene.followed_log()
    log.write(100, every=STEP_SECONDS)
    log.rename()
    scene.moment()
    log.write(100, every=STEP_SECONDS)
    log.reopen()
    log.write(100, every=STEP_SECONDS)


@event(kill=True)
def rename_create(scene):
    """renamed and made anew at once (logrotate's create); the server goes on in the old file for 1 s"""
    log = scene.followed_log()
    log.write(100, every=STEP_SECONDS)
    log.rename()
    log.path.touch()
    scene.moment()
    log.write(100, every=STEP_SECONDS)
    log.reopen()
    log.write(100, every=STEP_SECONDS)


@event(kill=True)
def late_reopen(scene):
    """renamed; the server is silent for 8 s, writes to the old file, then reopens"""
    log = scene.followed_log()
    log.write(100)
    scene.wait_until_read()
    log.rename()
    time.sleep(4)
    scene.moment()
    time.sleep(4)
    log.write(100)
    log.reopen()
    log.write(100, every=STEP_SECONDS)


@event(kill=True)
def deleted(scene):
    """deleted and made anew; the server is silent for 8 s, writes to the deleted file, then reopens"""
    log = scene.followed_log()
    log.write(100)
    scene.wait_until_read()
    log.path.unlink()
    log.path.touch()
    time.sleep(8)
    log.write(100)
    scene.wait_until_read()  # only who has the file open can read it
    scene.moment()
    log.reopen()
    log.write(100, every=STEP_SECONDS)


@event(kill=True)
def mid_line(scene):
    """renamed in the middle of a line, whose end is written to the old file"""
    log = scene.followed_log()
    log.write(100)
    scene.wait_until_read()
    text = line(*log.take(1))
    log.put(text[:40])
    time.sleep(0.3)
    log.rename()
    scene.moment()
    log.put(text[40:])
    log.reopen()
    log.write(10)


@event(kill=True)
def burst(scene):
    """five renames as fast as 20,000 lines are written to each file"""
    log = scene.followed_log()
    for rotation in range(5):
        log.write(20_000)
        log.rotate()
        if rotation % 2:
            scene.moment()
    log.write(10)


@event(kill=True)
def one_kept(scene):
    """renamed every 100 ms for 3 s, one old file kept"""
    log = scene.followed_log()
    for rotation in range(30):
        log.write(20)
        log.path.rename(log.named('.1'))
        log.reopen()
        if scene.is_killing and rotation % 10 == 5:
            scene.wait_until_read()  # and kept: what was removed since would be in nobody's memory
            log.write(20)
            scene.moment()
        time.sleep(0.1)
    log.write(20)


@event(kill=True)
def header(scene):
    """ten times renamed twice at once; each file begins with the same header of 600 bytes"""
    log = scene.followed_log(header=HEADER)
    log.write(20)
    for rotation in range(10):
        log.rotate()
        log.write(5)
        log.rotate()
        log.write(20)
        if rotation == 5:
            scene.moment()
        time.sleep(0.2)


@event(kill=True)
def dateext(scene):
    """renamed twice, to access.log-20261121 and access.log-20261122"""
    log = scene.followed_log()
    for day in (21, 22):
        log.write(100)
        log.rename(log.named(f'-202611{day}'))
        scene.moment()
        log.write(100)
        log.reopen()
    log.write(100)


@event(kill=True)
def olddir(scene):
    """moved to a folder old/ beside it; the server reopens after 100 lines more"""
    (scene.dir / 'old').mkdir()
    log = scene.followed_log()
    log.write(100)
    log.rename(scene.dir / 'old/access.log.1')
    scene.moment()
    log.write(100)
    log.reopen()
    log.write(100)


@event(kill=True)
def olddir_beside(scene):
    """moved twice to a folder beside the log's; the server reopens after 100 lines more"""
    (scene.dir / 'site').mkdir()
    (scene.dir / 'old').mkdir()
    log = scene.log('site/access.log')
    scene.follow('site/access.log')
    for rotation in (2, 1):
        log.write(100)
        scene.wait_until_read()
        log.rename(scene.dir / f'old/access.log.{rotation}')
        scene.moment()
        log.write(100)
        log.reopen()
    log.write(100)


@event(kill=True)
def link_switched(scene):
    """the name is a symbolic link, and is switched to another file; the server goes on in the first for 100 lines"""
    first = scene.linked_log('app.INFO.20261121')
    scene.follow()
    first.write(100)
    scene.wait_until_read()
    second = scene.linked_log('app.INFO.20261122')
    scene.wait_until_read()
    scene.moment()
    first.write(100)
    second.write(100)


@event(kill=True)
def compressed(scene):
    """renamed and gzipped at once, three times; the server has reopened before"""
    log = scene.followed_log()
    for _ in range(3):
        log.write(100)
        scene.wait_until_read()
        log.rotate_and_compress('.gz')
        scene.moment()
    log.write(100)


@event(kill=True)
def new_file(scene):
    """a file with 100 lines appears under a pattern, and grows by 100"""
    scene.follow('*.log')
    log = scene.log('new')
    log.write(100)
    log.path = log.path.rename(scene.dir / 'site.log')
    scene.wait_until_read()
    scene.moment()
    log.write(100)


@event(kill=True)
def two_halves(scene):
    """ten lines, each written in two halves 0.6 s apart"""
    log = scene.followed_log()
    for number in log.take(10):
        text = line(number)
        log.put(text[:40])
        time.sleep(0.3)
        scene.moment()
        time.sleep(0.3)
        log.put(text[40:])


@event(kill=True)
def long_line(scene):
    """one line of 300 KB among 110 short ones"""
    log = scene.followed_log()
    log.write(100)
    log.numbers.append(0)  # adds nothing to the sum, so that who only counts it is right too
    log.put(line(0, path='a' * 300_000))
    scene.moment()
    log.write(10)


@event(kill=True)
def folder_replaced(scene):
    """the log's folder is renamed and made anew, log included (deploy style)"""
    (scene.dir / 'site').mkdir()
    old = scene.log('site/access.log')
    scene.follow('site/access.log')
    old.write(100)
    scene.wait_until_read()
    (scene.dir / 'site').rename(scene.dir / 'site.old')
    (scene.dir / 'site').mkdir()
    new = scene.log('site/access.log')
    scene.moment()
    new.write(100)
