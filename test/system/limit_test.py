"""More logs than files that may be open: which are counted, what is said of the others, and are they whole when there is
room?"""
from exposition import series
from lab import fetch, run_test, wait_until

LOGS, LIMIT = 60, 100
PLACES = LIMIT - LIMIT // 2  # half is kept back where 64 are more than that


def main(lab):
    logs = lab.folder('log')
    for number in range(LOGS):
        (logs / f'{number:02}.log').write_text('a\n' * 10)
    rules = lab.rules_for_lines(logs / '*.log')
    address = ('127.0.0.1', lab.free_port())
    server = lab.start('tailmeter', 'prlimit', f'--nofile={LIMIT}', lab.tailmeter, 'run', f'--config.file={rules}',
                       f'--web.listen-address=127.0.0.1:{address[1]}', f'--state.dir={lab.dir}/state', unprivileged=False)
    wait_until('it is ready', lambda: fetch(address, '/-/ready')[0] == 200)

    def figures():
        lines = fetch(address, '/metrics')[2].decode().splitlines()
        values = dict(line.rsplit(' ', 1) for line in lines if not line.startswith('#'))
        return [int(values[key]) for key in ('lines_total', *(series('tailmeter_files', source='web', state=state)
                                                              for state in ('following', 'unreadable')))]

    waiting = LOGS - PLACES
    lab.check('as many logs are counted as may be open, and the others are told of',
              figures() == [10 * PLACES, PLACES, waiting], figures())
    ready = fetch(address, '/-/ready')[2]
    lab.check('ready says so', ready == f'tailmeter is ready, but for {waiting} files or directories that it cannot read; its '
              'log names them.\n'.encode(), ready)
    lab.check('the log says what to do', server.output().count(
        'msg="the file cannot be read until fewer files are open, or LimitNOFILE= of the service (ulimit -n) is raised; '
        'trying again"') == waiting, server.output()[-2000:])
    for number in range(LOGS):
        with (logs / f'{number:02}.log').open('a') as file:
            file.write('b\n')
    lab.check('those that are open are read on', figures() == [11 * PLACES, PLACES, waiting], figures())
    for number in range(waiting):
        (logs / f'{number:02}.log').unlink()
    wait_until('the others have their places', lambda: figures()[2] == 0, 60)
    lab.check('a log that waited is whole', figures() == [11 * LOGS, PLACES, 0], figures())


run_test(main, needs=['prlimit'])
