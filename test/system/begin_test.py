"""Does kill -9 take back where reading began, once the exporter has said that it is ready or that it took over rules?

With `start_at: end` nothing but the state tells lines that were there before from those that came after."""
import signal

from lab import fetch, run_test

ROUNDS = 8
BACKLOG_LINES = 400_000


def write(path, lines):
    with path.open('a') as file:
        file.write('a line\n' * lines)


class Round:
    def __init__(self, lab, name, files, start_at='end'):
        self.lab, self.name, self.start_at = lab, name, start_at
        self.log = lab.folder(f'{name}/log')
        self.state = lab.dir / name / 'state'
        self.follow(files)

    def follow(self, files):
        self.rules = self.lab.rules_for_lines(self.log / files, f'{self.name}/rules.yml', self.start_at)

    def start(self):
        return self.lab.follow(f'--config.file={self.rules}', f'--state.dir={self.state}', name=self.name.replace('/', '-'))

    def counted_after_kill(self, follower):
        follower.server.stop(signal.SIGKILL)
        follower = self.start()
        counted = follower.metrics().samples.get('lines_total')
        follower.server.stop(signal.SIGKILL)
        return counted


def first_start(lab, number):
    run = Round(lab, f'first/{number}', '*.log')
    write(run.log / 'a.log', 5)
    follower = run.start()
    write(run.log / 'a.log', 10)
    return run.counted_after_kill(follower)


def reload_with_a_file_more(lab, number):
    run = Round(lab, f'reload/{number}', 'a.log')
    for name in ('a.log', 'b.log'):
        write(run.log / name, 5)
    follower = run.start()
    follower.metrics()
    run.follow('*.log')
    assert fetch(follower.address, '/-/reload', method='POST')[0] == 200
    write(run.log / 'b.log', 10)
    return run.counted_after_kill(follower)


def main(lab):
    counted = [first_start(lab, number) for number in range(ROUNDS)]
    lab.check('lines that are written once it is ready are counted, though kill -9 ends its first run at once',
              counted == [10] * ROUNDS, counted)
    counted = [reload_with_a_file_more(lab, number) for number in range(ROUNDS)]
    lab.check('so are those written once a reload is answered, to a file that it added', counted == [10] * ROUNDS, counted)

    run = Round(lab, 'backlog', 'a.log', start_at='beginning')
    write(run.log / 'a.log', BACKLOG_LINES)
    size = (run.log / 'a.log').stat().st_size
    follower = run.start()
    shown = lab.run(lab.tailmeter, 'state', 'show', f'--state.dir={run.state}').stdout
    lab.check('all that was counted at the start is in the state when it is ready',
              f'{size} bytes counted of {size} seen' in shown, shown)
    follower.server.stop()


run_test(main)
