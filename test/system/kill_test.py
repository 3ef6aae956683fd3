"""Does tailmeter count each line once while it is killed and the log is rotated, and does no scrape go back?

Three things happen at once, none of which waits for another: a thread writes lines, tears them, rotates the log by
renaming and goes on in the old file for a while; a thread scrapes; and the exporter is killed with SIGKILL at random
moments, also before it is ready. Each answer is compared with what had been written when it was asked for, with what had
been begun when it came, and with the answers before. In the end every byte that was written is counted anew. The seed
decides what is written and how long each run lasts; what falls together is the machine's."""
import argparse
import contextlib
import http.client
import random
import signal
import sys
import threading
import time

from exposition import Exposition
from lab import fetch, run_test, wait_until
from torn_log import RULES, Writer, figures_of


class Background(threading.Thread):
    """Calls `act` again and again until it is stopped or something goes wrong, which stop() raises."""

    def __init__(self, act):
        super().__init__(daemon=True)
        self.act, self.has_to_stop, self.problem = act, threading.Event(), None
        self.start()

    def run(self):
        try:
            while not self.has_to_stop.is_set():
                self.act()
        except Exception as problem:
            self.problem = problem

    def stop(self):
        self.has_to_stop.set()
        self.join()
        if self.problem:
            raise self.problem


def faults(seen, shown, done, begun, is_fresh=True):
    """What is wrong with an answer: figures that fell, that lack a line written before it was asked for, or that hold one not
    written when it came."""
    at_least = [(shown, 'was shown before')] + ([(done, 'was written')] if is_fresh else [])
    wrong = [f'{key}: {seen.get(key, 0)}, and {value} {how}'
             for figures, how in at_least for key, value in figures.items() if seen.get(key, 0) < value]
    return wrong + [f'{key}: {value}, and only {begun.get(key, 0)} was begun'
                    for key, value in seen.items() if value > begun.get(key, 0)]


class Scraper:
    def __init__(self, address, writer):
        self.address, self.writer = address, writer
        self.shown = {}             # by any answer that says that it is durable
        self.answers = self.fresh = 0
        self.faults = []

    def act(self):
        done = self.writer.done
        text = None
        with contextlib.suppress(OSError, http.client.HTTPException):
            status, _, body = fetch(self.address, '/metrics')
            text = body.decode() if status == 200 else None
        if text is None:
            time.sleep(0.005)
            return
        begun = self.writer.begun
        samples = Exposition(text).samples
        is_durable = samples['tailmeter_durable'] == 1
        is_fresh = is_durable and samples['tailmeter_catching_up'] == 0
        seen = {key: samples[key] for key in begun if key in samples}
        if wrong := faults(seen, self.shown, done, begun, is_fresh):
            self.faults += [f'answer {self.answers}:', *wrong,
                            *(f'{key} {value}' for key, value in samples.items() if key.startswith('tailmeter_'))]
            raise AssertionError('an answer is wrong')
        self.answers += 1
        self.fresh += is_fresh
        if is_durable:
            self.shown = {**self.shown, **seen}
            self.writer.durable = self.shown.get('size_bytes_count', 0)
        time.sleep(0.01)


def check_checks(lab):
    right = figures_of([('200', 7, 1000), ('404', 5, 99)])
    lab.check('the check takes a right answer', not faults(right, right, right, right))
    for key, value in right.items():
        lab.refuses(f'a line too few in {key}', faults({**right, key: value - 1}, {}, right, right))
        lab.refuses(f'a fall of {key}', faults({**right, key: value - 1}, right, {}, right))
        lab.refuses(f'a line too many in {key}', faults({**right, key: value + 1}, right, right, right))
    swapped = figures_of([('200', 7, 1000), ('404', 5, 1000)])
    lab.refuses('a line that counts in place of another like it', faults(swapped, {}, right, right))


class Run:
    def __init__(self, lab, words, address):
        self.lab, self.address = lab, address
        self.server = lab.start('tailmeter', lab.tailmeter, 'run', f'--web.listen-address=127.0.0.1:{address[1]}',
                                *words, unprivileged=False)

    def wait_until_ready(self):
        def is_ready():
            return self.server.process.poll() is None and fetch(self.address, '/-/ready')[0] == 200

        wait_until('tailmeter is ready', is_ready)

    def reload(self):
        self.server.process.send_signal(signal.SIGHUP)

    def kill(self):
        self.server.stop(signal.SIGKILL)
        self.lab.servers.remove(self.server)


def kill_again_and_again(lab, words, address, kills, rng, threads):
    """Returns how many runs were ready, and were told to reload, before they were killed."""
    was_ready = reloads = 0
    for _ in range(kills):
        run = Run(lab, words, address)
        if rng.random() < 0.25:
            time.sleep(rng.random() * 0.1)
        else:
            run.wait_until_ready()
            was_ready += 1
            time.sleep(rng.random() * 0.3)
            if rng.random() < 0.3:
                run.reload()
                reloads += 1
                time.sleep(rng.random() * 0.02)
        run.kill()
        if any(thread.problem for thread in threads):
            break
        if rng.random() < 0.5:
            time.sleep(rng.random() * 0.1)
    return was_ready, reloads


def main(lab, kills, seed):
    check_checks(lab)
    log = lab.folder('log') / 'access.log'
    writer = Writer(log, random.Random(seed))
    rules = lab.write('rules.yml', RULES.format(log=log))
    words = [f'--config.file={rules}', f'--state.dir={lab.dir}/state']
    address = ('127.0.0.1', lab.free_port())
    first = Run(lab, words, address)  # what is rotated before its first look is old
    first.wait_until_ready()
    first.kill()
    scraper = Scraper(address, writer)
    threads = [Background(writer.go_on), Background(scraper.act)]
    was_ready, reloads = kill_again_and_again(lab, words, address, kills, random.Random(seed + 1), threads)
    try:
        threads[0].stop()
        follower = lab.follow(*words)
        seen = follower.whole_samples()
        threads[1].stop()
    except AssertionError:
        lab.check(f'each line is counted once, and no figure falls (seed {seed})', False, '\n'.join(scraper.faults))
        return
    figures = writer.recount()
    lab.same(f'after {kills} kills, {was_ready} of them of a run that was ready, {writer.rotations} rotations and '
             f'{reloads} reloads each line is counted once', {key: seen.get(key) for key in figures}, figures)
    lab.check(f'of {figures["size_bytes_count"]} lines, {scraper.answers} answers meanwhile lacked none, had none too many, and '
              'never fell', scraper.fresh > kills and not scraper.faults)
    lab.same('the writer counted alike', writer.done, figures)


arguments = argparse.ArgumentParser()
arguments.add_argument('tailmeter', nargs='?')
arguments.add_argument('--kills', type=int, default=300)
arguments.add_argument('--seed', type=int, default=1)
options, _ = arguments.parse_known_args()
sys.argv[1:] = [options.tailmeter] if options.tailmeter else []
run_test(lambda lab: main(lab, options.kills, options.seed))
