"""Do the commands do what their help says: exit codes, messages, inputs of every kind, formats of output?"""
import gzip
import json
import os
import re
import threading

from lab import PRESET, path_of, run_test
from exposition import Exposition, series

COMMANDS = 'run', 'dry-run', 'check', 'test', 'init'
GOOD = '''sources:
  - name: web
    files: [{dir}/access.log]
    format: common
    max_line_bytes: 1000
metrics:
  - counter: requests_total
    labels: {{status: $status}}
  - counter: sent_bytes_total
    value: $body_bytes_sent
tests:
  - name: a request counts
    source: web
    lines: |
      192.0.2.1 - - [21/Nov/2026:18:49:31 +0000] "GET / HTTP/1.1" 200 7
    expect: |
      requests_total{{status="200"}} 1
      sent_bytes_total {expected}
'''
LINE = '192.0.2.1 - - [21/Nov/2026:18:49:31 +0000] "GET {path} HTTP/1.1" {status} {size}'
LOG = ''.join(LINE.format(path='/', status=status, size=10) + '\n' for status in (200, 200, 404, 200))
LOG += 'no such format\n'
FIGURES = {'requests_total{status="200"}': 3, 'requests_total{status="404"}': 1, 'sent_bytes_total': 40}

PATTERNS = r'''sources:
  - name: sync
    files: [/var/log/sync.log]
    format:
      regex:
        done: '^(?P<time>\S+) done (?P<image>.+)$'
        other: '.*'
    extract:
      - {from: $image, regex: '(?:^|,)name=(?P<name>[^,]+)'}
      - {from: $image, regex: '(?P<digits>\d+)[xy]'}
      - {from: $image, regex: "(?P<bell>\\w+) \a"}
metrics:
  - counter: syncs_total
    when: {event: done, name: ['a+b|c', 'a|ab']}
    labels: {name: {from: $name, regex: '(\w+)-.*', replace: '$1'}}
'''


def check_help(lab):
    for command in ('', *COMMANDS):
        done = lab.run(lab.tailmeter, *command.split(), '--help')
        title = f'tailmeter {command} --help'.replace('  ', ' ')
        lab.check(f'{title} ends with 0, and prints to standard output',
                  done.returncode == 0 and done.stdout and not done.stderr, done)
        examples = re.findall(r'^  tailmeter.*', done.stdout.partition('Examples:')[2], re.M)
        lab.check(f'{title} has {len(examples)} examples',
                  examples and all(command in example for example in examples), done.stdout)
        lab.check(f'{title} fits a terminal of 132 columns', max(map(len, done.stdout.splitlines())) <= 132,
                  max(done.stdout.splitlines(), key=len))
    text = lab.run(lab.tailmeter, '--help').stdout
    for command in COMMANDS:
        lab.check(f'tailmeter --help names {command}', re.search(rf'^  {command} ', text, re.M), text)
    done = lab.run(lab.tailmeter, '--version')
    lab.check('--version ends with 0 and says a version',
              done.returncode == 0 and re.search(r'tailmeter.* \d+\.\d+\.\d+', done.stdout), done)


def check_usage(lab):
    for words, says in (
            ('--no-such-flag', 'run --help'),
            ('run --no-such-flag', 'run --help'),
            ('dry-run --no-such-flag x', 'dry-run --help'),
            ('dry-run', 'dry-run --help'),
            ('check --no-such-flag', 'check --help'),
            ('test --no-such-flag', 'test --help'),
            ('dryrun access.log', 'dryrun'),
            ('chekc', 'chekc'),
            ('dry-run --format=xml x', 'json'),
            ('dry-run --source=nobody -', 'nginx'),
            ('run --log.level=loud', 'debug'),
            ('run --web.listen-address=nonsense', ':10564'),
            ('run --web.listen-address=::1:80', '[::1]:80'),
            ('run --web.telemetry-path=metrics', '/metrics')):
        done = lab.run(lab.tailmeter, *words.split(), seconds=5)
        is_one_message = not done.stdout and done.stderr.count('\n') == 1
        lab.check(f'tailmeter {words} ends with 2, and its one message says {says}',
                  done.returncode == 2 and is_one_message and says in done.stderr, done)


def check_codes(lab, good):
    bad = lab.write('bad.yml', good.read_text().replace('status: $status', 'status: $statsu'))
    broken = lab.write('broken.yml', 'sources: [')
    failing = lab.write('failing.yml', GOOD.format(dir=lab.dir, expected=8))
    untested = lab.write('untested.yml', good.read_text().partition('tests:')[0])
    doubtful = lab.write('doubtful.yml', good.read_text().replace('labels:', 'when: {status: 5xx}\n    labels:').partition('tests:')[0])
    log, missing, folder = lab.write('access.log', LOG), lab.dir / 'missing', lab.folder('folder')
    cut_gz = lab.write('cut.log.gz', gzip.compress(LOG.encode())[:-9])
    for words, code, says in (
            (['check', good], 0, 'right'),
            (['check', good, PRESET], 0, 'right'),
            (['check', doubtful], 0, 'no status is "5xx"'),
            (['check', '--print-config', good], 0, 'requests_total'),
            (['check', bad], 2, f'{bad}:8:'),
            (['check', good, bad], 2, 'did you mean'),
            (['check', broken], 2, f'{broken}:1:'),
            (['check', missing], 1, 'No such file'),
            (['check', folder], 1, 'directory'),
            (['test', good], 0, '1 passed'),
            (['test', PRESET], 0, '0 failed'),
            (['test', failing], 1, 'sent_bytes_total'),
            (['test', good, failing], 1, '1 failed'),
            (['test', untested], 0, 'no tests'),
            (['test', bad], 2, f'{bad}:8:'),
            (['test', missing], 1, 'No such file'),
            (['dry-run', f'--config.file={good}', log], 0, 'requests_total'),
            (['dry-run', f'--config.file={bad}', log], 2, f'{bad}:8:'),
            (['dry-run', f'--config.file={missing}', log], 1, 'No such file'),
            (['dry-run', f'--config.file={good}', missing], 1, 'No such file'),
            (['dry-run', f'--config.file={good}', folder], 1, 'directory'),
            (['dry-run', f'--config.file={good}', log, missing], 1, 'No such file'),
            (['dry-run', f'--config.file={good}', cut_gz], 1, 'damaged or cut off'),
            (['dry-run', f'--config.file={good}', cut_gz], 1, 'requests_total'),
            (['run', f'--config.file={bad}'], 2, f'{bad}:8:'),
            (['run', f'--config.file={missing}'], 1, 'No such file'),
            ([f'--config.file={bad}'], 2, f'{bad}:8:')):
        done = lab.run(lab.tailmeter, *words, seconds=10)
        sentence = f'tailmeter {" ".join(map(str, words))} ends with {code} and says {says}'
        is_said = says in done.stdout + done.stderr
        lab.check(sentence.replace(f'{lab.dir}/', ''), done.returncode == code and is_said, done)
    full = lab.run('sh', '-c', f'"$0" dry-run --config.file={good} {log} > /dev/full', lab.tailmeter)
    lab.check('dry-run to a full disk ends with 1', full.returncode == 1, full)


def check_print_config(lab, good):
    for file in good, PRESET:
        once = lab.run(lab.tailmeter, 'check', '--print-config', file).stdout
        twice = lab.run(lab.tailmeter, 'check', '--print-config', lab.write('printed.yml', once))
        lab.check(f'what --print-config prints of {file.name} is right and amounts to itself',
                  once and twice.stdout == once, twice)


def check_patterns(lab):
    file = lab.write('patterns.yml', PATTERNS)
    done = lab.run(lab.tailmeter, 'check', '--patterns', file)
    lab.check('check --patterns says of each pattern where it is and how it is searched for', done.stdout == rf"""
{file}:6:15: sources[0] "sync": format: direct: ^(?P<time>\S+) done (?P<image>.+)$
{file}:7:16: sources[0] "sync": format: direct: .*
{file}:9:31: sources[0] "sync": extract[0]: direct from "name=": (?:^|,)name=(?P<name>[^,]+)
{file}:10:31: sources[0] "sync": extract[1]: RE2: (?P<digits>\d+)[xy]
{file}:11:31: sources[0] "sync": extract[2]: RE2 where there is " \x07": (?P<bell>\w+) \x07
{file}:14:19: metrics[0] "syncs_total": when: direct: done
{file}:14:32: metrics[0] "syncs_total": when: direct: a+b|c
{file}:14:41: metrics[0] "syncs_total": when: RE2: a|ab
{file}:15:41: metrics[0] "syncs_total": label "name": regex: direct: (\w+)-.*
"""[1:], done)
    slow = lab.write('slow.yml', PATTERNS.replace(r'\d+)[xy]', r'\d.{0,60})x'))
    done = lab.run(lab.tailmeter, 'check', slow)
    lab.check('a pattern that a client could make slow is refused with its place', done.stderr.startswith(
        f'{slow}:10:31: sources[0] "sync": extract[1]: the pattern would be slow on lines that a client can choose: a '
        'repeat with a limit, such as {0,60}, may begin at many places at once; write * or + for it, or text in front '
        'that it cannot hold, or ^\n'), done)


def check_formats(lab, good, log):
    words = f'--config.file={good}', log
    lab.same('dry-run counts in text', Exposition(lab.dry_run(*words)).samples, FIGURES)
    printed = lab.dry_run_json(*words)
    summary = {key: printed[key] for key in ('lines', 'matched', 'unmatched', 'oversize')}
    lab.same('dry-run counts lines in JSON', summary, {'lines': 5, 'matched': 4, 'unmatched': 1, 'oversize': 0})
    figures = {series(one['name'], **one['labels']): int(one['value']) for one in printed['metrics']}
    lab.same('dry-run counts in JSON', figures, FIGURES)
    examples = [one['example'] for one in printed['unmatched_examples']]
    lab.check('the example of an unmatched line is that line', examples == ['no such format'], examples)
    table = dict(line.rsplit(None, 1) for line in lab.dry_run('--format=table', *words).splitlines())
    lab.same('dry-run counts in a table', table, {key: str(value) for key, value in FIGURES.items()})
    quiet = lab.run(lab.tailmeter, 'dry-run', *words).stderr
    lab.check('the summary is all that standard error has on a pipe',
              '5 lines: 4 matched, 1 unmatched, 0 oversize' in quiet and not re.search(r'[\r\x1b%]', quiet), quiet)
    hostile = lab.write('hostile.log', b'\xff\x00\x1b[31m "\\"\n' * 3 + '\u0085é\n'.encode())
    printed = lab.run(lab.tailmeter, 'dry-run', '--format=json', f'--config.file={good}', hostile)
    is_safe = not re.search(r'[\x00\x1b\x7f-\x9f\ufffd]', printed.stdout + printed.stderr)
    lab.check('JSON stays JSON, and the terminal is safe, whatever the lines hold',
              json.loads(printed.stdout)['unmatched'] == 4 and is_safe, printed)
    lab.sees_an_error_of_one(FIGURES)


def counted(lab, good, text=None, log='-'):
    """Lines, matched, unmatched, oversize, and the bytes that were counted, of `text` on standard input or of a log."""
    done = lab.run(lab.tailmeter, 'dry-run', '--format=json', f'--config.file={good}', log, stdin=text or '')
    printed = json.loads(done.stdout)
    sent = sum(int(one['value']) for one in printed['metrics'] if one['name'] == 'sent_bytes_total')
    return printed['lines'], printed['matched'], printed['unmatched'], printed['oversize'], sent


def check_inputs(lab, good):
    short = LINE.format(path='/', status=200, size=1)
    longest = LINE.format(path='/' + 'x' * (1000 - len(short) - 2), status=200, size=100)
    longest += '0' * (1000 - len(longest))                          # exactly max_line_bytes
    sent_by_longest = int(longest.rsplit(None, 1)[1])
    for what, text, want in (
            ('nothing', '', (0, 0, 0, 0, 0)),
            ('one line', short + '\n', (1, 1, 0, 0, 1)),
            ('a last line without a newline', short + '\n' + short, (2, 2, 0, 0, 2)),
            ('no newline at all', short, (1, 1, 0, 0, 1)),
            ('CRLF', (short + '\r\n') * 3, (3, 3, 0, 0, 3)),
            ('empty lines', '\n\r\n\n', (3, 0, 3, 0, 0)),
            ('a line as long as it may be', longest + '\n', (1, 1, 0, 0, sent_by_longest)),
            ('the same with CRLF', longest + '\r\n', (1, 1, 0, 0, sent_by_longest)),
            ('a line that is one byte longer', longest.replace('/x', '/xx') + '\n', (1, 0, 0, 1, 0)),
            ('a line of a megabyte between two', f'{short}\n{"x" * 1_000_000}\n{short}\n', (3, 2, 0, 1, 2)),
            ('a megabyte without a newline', 'x' * 1_000_000, (1, 0, 0, 1, 0)),
            ('lines that end where buffers do', (short + '\n') * 100_000, (100_000, 100_000, 0, 0, 100_000))):
        got = counted(lab, good, text)
        lab.check(f'dry-run counts {what} on standard input', got == want, f'{got}, expected {want}')
        got = counted(lab, good, log=lab.write('input.log', text))
        lab.check(f'and {what} in a file', got == want, f'{got}, expected {want}')

    lab.write('compressed.log', LOG)
    for program, ending in ('gzip', 'gz'), ('zstd', 'zst'):
        if not path_of(program):
            continue
        lab.run(program, '-q', '-k', lab.dir / 'compressed.log')
        got = counted(lab, good, log=lab.dir / f'compressed.log.{ending}')
        lab.check(f'dry-run counts what {program} has compressed', got == (5, 4, 1, 0, 40), got)
        many = lab.write('many.log', ''.join(LINE.format(path=number, status=200, size=1) + '\n' for number in range(9999)))
        lab.run(program, '-q', '-k', many)
        compressed = (lab.dir / f'many.log.{ending}').read_bytes()
        cut = lab.write(f'cut.log.{ending}', compressed[:len(compressed) // 2])
        lines = lab.run(program, '-dc', cut).stdout.count('\n')
        got = counted(lab, good, log=cut)
        lab.check(f'and of half of it what {program} gives, {lines} lines', got == (lines, lines, 0, 0, lines), got)

    fifo = lab.dir / 'fifo'
    os.mkfifo(fifo)
    writer = threading.Thread(target=lambda: fifo.write_text(LOG))
    writer.start()
    lab.check('dry-run counts what comes out of a FIFO', (got := counted(lab, good, log=fifo)) == (5, 4, 1, 0, 40), got)
    writer.join()
    lab.refuses('a line more', counted(lab, good, short + '\n' + short) != (1, 1, 0, 0, 1))


def check_recognition(lab):
    if os.path.exists('/etc/tailmeter/tailmeter.yml'):
        print('skipped: there is /etc/tailmeter/tailmeter.yml, so logs are not recognized')
        return
    line = '192.0.2.7 - - [21/Nov/2026:18:49:31 +0000] "GET / HTTP/1.1" 200 2 "-" "-" 0.125\n'
    log = lab.write('recognized.log', line * 9999)
    fifo = lab.dir / 'recognized.fifo'
    os.mkfifo(fifo)
    for what, words in (('a file', f'"$0" dry-run --format=json {log}'),
                        ('a pipe', f'cat {log} | "$0" dry-run --format=json -'),
                        ('a file on standard input', f'"$0" dry-run --format=json - < {log}'),
                        ('a FIFO', f'cat {log} > {fifo} & "$0" dry-run --format=json {fifo}')):
        done = lab.run('sh', '-c', words, lab.tailmeter)
        printed = json.loads(done.stdout or '{"metrics": []}')
        got = printed.get('matched'), [one['value'] for one in printed['metrics']
                                       if one['name'] == 'http_request_duration_seconds_count']
        lab.check(f'what comes from {what} is recognized, and all of it counts', got == (9999, ['9999']), done)
    done = lab.run(lab.tailmeter, 'run', '-')
    lab.check('run says why it cannot recognize standard input', done.returncode == 2 and done.stderr == (
        'tailmeter: standard input: it is no file, and lines that are looked at would be taken from it, and not counted, so that '
        'the format of its lines cannot be recognized: name a rule file with --config.file=FILE\n'), done)


def check_threads(lab, good):
    """Root has as many threads as he likes."""
    if not lab.nobody or not path_of('prlimit'):
        return
    done = lab.run('prlimit', '--nproc=1', lab.tailmeter, 'run', f'--config.file={good}', '--web.listen-address=127.0.0.1:0',
                   f'--state.dir={lab.dir}/state', unprivileged=True)
    lab.check('run says what to do when no thread can be started', done.returncode == 1 and
              "cannot start the thread that writes the state: Resource temporarily unavailable (no more threads may be started: "
              "raise TasksMax= of the service, or the user's ulimit -u)" in done.stderr, done)


def main(lab):
    good = lab.write('good.yml', GOOD.format(dir=lab.dir, expected=7))
    check_help(lab)
    check_usage(lab)
    check_codes(lab, good)
    check_print_config(lab, good)
    check_patterns(lab)
    check_formats(lab, good, lab.write('access.log', LOG))
    check_inputs(lab, good)
    check_recognition(lab)
    check_threads(lab, good)


run_test(main)
