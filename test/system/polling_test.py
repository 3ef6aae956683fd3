"""A machine that has no inotify to give: is everything counted, scraped or not, and is that told?"""
from lab import fetch, run_test, wait_until

WITHOUT = ('unshare', '--user', '--map-root-user', 'sh', '-c',
           'echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"', 'sh')


def main(lab):
    log = lab.folder('log') / 'access.log'
    log.write_text('one\n')
    rules = lab.rules_for_lines(log)
    for prefix, is_polling in (((), 0), (WITHOUT, 1)):
        if lab.run(*prefix, 'true').returncode != 0:
            print('skipped: nobody may make a user namespace here')
            continue
        address = ('127.0.0.1', lab.free_port())
        state = lab.folder(f'state-{is_polling}')
        state.chmod(0o777)  # root of a user namespace may write where anybody may
        server = lab.start(f'polling {is_polling}', *prefix, lab.tailmeter, 'run', f'--config.file={rules}',
                           f'--web.listen-address=127.0.0.1:{address[1]}', f'--state.dir={state}',
                           unprivileged=False)
        wait_until('it is ready', lambda: fetch(address, '/-/ready')[0] == 200)

        def figures():
            lines = fetch(address, '/metrics')[2].decode().splitlines()
            values = dict(line.rsplit(' ', 1) for line in lines if not line.startswith('#'))
            return int(values['lines_total']), int(values['tailmeter_polling'])

        before = figures()[0]
        with log.open('a') as file:
            file.write('two\n')
        lab.check(f'a line counts in the next scrape, polling is {is_polling}', figures() == (before + 1, is_polling),
                  figures())
        log.rename(f'{log}.1')
        with open(f'{log}.1', 'a', encoding='ascii') as late:
            late.write('three\n')
        log.write_text('four\n')
        lab.check('and so do those around a rotation', figures() == (before + 3, is_polling), figures())
        said = server.output().count('msg="some directories give no hints of changes; they are looked at every second"')
        lab.check(f'the log says so {is_polling} times', said == is_polling, server.output()[-2000:])
        server.process.terminate()
        lab.check('it ends well', server.process.wait(10) == 0)


run_test(main, needs=['unshare'])
