"""What does a scraper get while a disk does not answer? The thread that reads the logs is held by ptrace(2), as a read that
hangs would hold it; the others go on."""
import time

from hold import Hold
from lab import fetch, run_test


def main(lab):
    log = lab.folder('log') / 'web.log'
    log.write_text('a\n' * 10)
    rules = lab.rules_for_lines(log)
    follower = lab.follow(f'--config.file={rules}')
    scrape = {'X-Prometheus-Scrape-Timeout-Seconds': '2'}

    def answer():
        begin = time.monotonic()
        status, _, body = fetch(follower.address, '/metrics', **scrape)
        lines = body.decode().splitlines()
        seen = {name: [line.split()[1] for line in lines if line.startswith(name + ' ')] for name in
                ('lines_total', 'tailmeter_catching_up', 'tailmeter_durable')}
        return status, time.monotonic() - begin < 2, *(value for values in seen.values() for value in values)

    with Hold(follower.server.pid):
        lab.check('before the first answer there is nothing to fall back on', answer() == (503, True))
        lab.check('the program is healthy', fetch(follower.address, '/-/healthy')[0] == 200)
    fresh = answer()
    lab.check('then all is there', fresh == (200, True, '10', '0', '1'), fresh)
    with log.open('a') as file:
        file.write('b\n' * 5)
    with Hold(follower.server.pid):
        with log.open('a') as file:
            file.write('c\n' * 5)
        shown = answer()
        lab.check('while a read hangs, the answer before is given in time, and says that it is late',
                  shown in ((200, True, '10', '1', '1'), (200, True, '15', '1', '1')), shown)
        lab.check('as often as one asks', answer() == shown)
    fresh = answer()
    lab.check('when it goes on, nothing is missing', fresh == (200, True, '20', '0', '1'), fresh)


run_test(main)
