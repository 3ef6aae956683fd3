#!/usr/bin/python3
"""Shows that the simulation can fail: plants faults in a copy of the program, one by one, which it has to find.

planted_faults.py [--schedules=10000] [--only=NAME] [--build-directory=DIR] [--jobs=2]

First the program as it is has to pass the same schedules. Then each fault is built, and the simulation has to end with
1, which is when it found something wrong, or by an assertion of the program. A fault that is not found fails, and one
whose text is no longer there. Says for each the seed that found it and how many steps show it. Ends with "N passed, N
failed", and with 1 if anything failed.

With --build-directory the copy and what is built of it are kept there for the next time."""
import argparse
import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD_SECONDS = 3600
RUN_SECONDS = 1800  # a fault that hangs the simulation is not caught by it


@dataclass(frozen=True)
class Fault:
    name: str
    sentence: str  # what the program does wrong with it
    file: str
    text: str  # occurs once in the file
    replacement: str

    def plant(self, code):
        count = code.count(self.text)
        if count != 1:
            raise ValueError(f'{self.file} has its text {count} times, not once: {self.text!r}')
        return code.replace(self.text, self.replacement)


BEGINNING = 'exporter/tail/beginning.cc'
GENERATION = 'exporter/tail/generation.cc'
FOLLOWER = 'exporter/tail/source_follower.cc'
ROTATED = 'exporter/tail/source_rotated.cc'
SETTLED = 'exporter/tail/source_settled.cc'
COPIES = 'exporter/tail/source_copies.cc'
RECOVERY = 'exporter/tail/source_recovery.cc'
TAIL = 'exporter/tail/tail.cc'
ENGINE = 'exporter/engine.cc'
RECORD = 'exporter/record.cc'
SAVED_STATE = 'exporter/saved_state.cc'
SLOT_FILE = 'exporter/state/slot_file.cc'
SLOT_FORMAT = 'exporter/state/slot_format.cc'

# Not here, because no answer shows them:
# - Hints that are ignored, those of a queue that ran over among them. There are worlds without any, which must do as
#   well; overflow_test.cc shows what they are good for.
# - What is left out before the first answer: its drain makes up for that.
# - What is left out at a stop, which is then as a crash, and just as right.
# - Files that a reload opens anew: one without a name is then in nobody's hands. system/reload_test.py has one.
# - A copy that is not known at once in a file that had other content before: it is gone on in when it is found later.
# - A compressed file that is read though it is not whole: smaller than a buffer, it fails before its first line.
FAULTS = [
    # Where we are in a file.
    Fault('window-not-compared', 'the bytes before the offset are not compared', GENERATION,
          'if (!seen.starts_with(window_.bytes()))', 'if (seen.size() < window_.size())'),
    Fault('pending-not-compared', 'the unended line is not compared', GENERATION,
          'unchanged_end_bytes < position() + pending_head_.size();', 'false;'),
    Fault('unended-consumed', 'the offset goes past an unended line', GENERATION,
          'set_pending(cut.begun);', 'advance(cut.begun);'),
    Fault('read-again', 'a file that is known is read from its start when it is opened again', FOLLOWER,
          'if (Generation* const known = find(identity)) {', 'if (Generation* const known = find({})) {'),

    # Rotation.
    Fault('inode-number', 'the file under a name is known by its inode number alone', FOLLOWER,
          'status.identity != name.identity', 'status.identity.bytes.substr(0, 5) != name.identity.bytes.substr(0, 5)'),
    Fault('renamed-dropped', 'a file that lost its name is let go of at once', FOLLOWER,
          'if (is_over(*generation, look)) {',
          'if (generation->state() != Generation::State::kFollowing || is_over(*generation, look)) {'),
    Fault('quiet-at-once', 'a file that lost its name is taken for final at once', FOLLOWER,
          'look.now - generation.quiet_since() >= limits_.quiet_before_done', 'true'),
    Fault('vanished-at-once', 'a file that is missing is given up at once', RECOVERY,
          'const bool is_quiet = look.now - generation->quiet_since() >= limits_.quiet_before_done;',
          'const bool is_quiet = true;'),
    Fault('passed-by', 'files that passed by between two looks are not sought', ROTATED,
          'const Fate fate = fate_of(file, rotated, path, name, look);', 'const Fate fate = Fate::kSettled;'),
    Fault('names-not-looked-at', 'an answer does not look for new files', TAIL,
          '++looks) {\n    rescan_all(now);', '++looks) {'),
    Fault('reads-once', 'an answer gives each file one turn', TAIL,
          'while (round.has_more && !round.was_stopped);', 'while (false);'),

    # Copies.
    Fault('copy-forgotten', 'the copy of a truncated file is not read on', COPIES,
          'find_copy(generation, look, copy);', 'Kinship::kNone;'),
    Fault('copy-read-too', 'a copy is read besides the file itself', ROTATED,
          'if (fate == Fate::kToRead) to_read', 'if (fate == Fate::kToRead || fate == Fate::kLeft) to_read'),
    Fault('both-copies', 'two copies of a file are both read', ROTATED,
          'const Kinship found = kinship_among(*file, to_read, look.buffer);', 'const Kinship found = Kinship::kNone;'),
    Fault('twin-not-known', 'a compressed file is not known for one that was read', ROTATED,
          'for (const SavedGeneration& generation : finished_) {',
          'for (const SavedGeneration& generation : std::vector<SavedGeneration>()) {'),
    Fault('settled-for-ever', 'a settled file that another log was copied into stays settled', SETTLED,
          'const bool is_untouched = settled->second.is_of(file);', 'const bool is_untouched = true;'),
    Fault('copied-over-read', 'a rotated file that another log was copied into is read from its start', COPIES,
          'if (is_copied_into) return let_go_of(generation, look);', ''),
    Fault('two-readers', 'a file that another log was copied into is read on by who was reading it', COPIES,
          'if (Generation* const reader = find(copy.identity())) let_go_of(*reader, look);\n'
          '  if (find(copy.identity()) != nullptr) return Kinship::kUndecided;', ''),

    # Logs that begin with the same header.
    Fault('header-is-enough', 'what stands behind a header is not compared with what was read', BEGINNING,
          'return std::all_of(rungs.begin(),', 'return true || std::all_of(rungs.begin(),'),
    Fault('line-ends-not-compared', 'where the lines behind a header end is not compared', BEGINNING,
          'has_same_line_ends(first_bytes);', 'true;'),
    Fault('grown-copy-stays', 'what seemed to be a copy is not looked at again when it grows', SETTLED,
          'is_copy && has_grown ? Kinship::kNone : ', ''),

    Fault('given-up-forgotten', 'what was given up is read from its start when it shows late', FOLLOWER,
          'place.may_go_on = true;', ''),

    # Power cuts.
    Fault('no-ladder', 'what a power cut took back of a file is not found', COPIES,
          'generation.roll_back(look.buffer);', 'Kinship::kNone;'),
    Fault('same-boot', 'another boot is not noticed', RECOVERY,
          'bool is_other_boot, TimePoint now) {', 'bool is_other_boot, TimePoint now) {\n  is_other_boot = false;'),
    Fault('finished-not-resumed', 'a file that a power cut brought back is read from its start', RECOVERY,
          'if (!may_be(*finished)) continue;', 'if (true || !may_be(*finished)) continue;'),

    # What is kept.
    Fault('no-values', 'positions are brought back, and values are not', SAVED_STATE,
          'metric.family->restore(labels, created_ms, cells);', ''),
    Fault('no-positions', 'values are brought back, and positions are not', SAVED_STATE,
          'counting.tail.restore(source, files, is_other_boot, now);', ''),
    Fault('finished-not-kept', 'the files that are gone are not kept', RECORD,
          'files.generations, files.finished,', 'files.generations,'),
    Fault('no-news', 'lines that were counted are nothing new to keep', ENGINE,
          'progress.push_back(counting_->pipeline.counts(source).bytes());', ''),
    Fault('before-commit', 'an answer is given before its record is on the disk', ENGINE,
          'save(std::move(answer));', 'save({.snapshot = answer.snapshot}), give(std::move(answer));'),
    Fault('failed-commit', 'a record that the disk did not take passes for durable', ENGINE,
          'void Engine::note_result(std::error_code error) {',
          'void Engine::note_result(std::error_code error) {\n  error = {};'),
    Fault('answer-not-fresh', 'an answer holds what was read so far', ENGINE,
          'const bool is_fresh = drain(', 'const bool is_fresh = true || drain('),
    Fault('reload-forgets', 'a reload begins at 0', ENGINE,
          'restore_state(record, surroundings_.machine, *next, surroundings_.now());', ''),

    # The state file.
    Fault('oldest-slot', 'the oldest record is taken at the start', SLOT_FILE,
          'slot->sequence <= contents.layout.sequence',
          'slot->sequence == 0 || (contents.layout.sequence > 0 && slot->sequence > contents.layout.sequence)'),
    Fault('same-slot', 'a record is written over the newest one', SLOT_FILE,
          'const int slot = 1 - layout_.newest_slot;', 'const int slot = layout_.newest_slot;'),
    Fault('not-synced', 'a record is not synced', SLOT_FILE,
          'slot, next)) return error;\n  if (const std::error_code error = disk_.sync(file_)) return error;',
          'slot, next)) return error;'),
    Fault('name-not-synced', 'the name of the state file is not synced', SLOT_FILE,
          'const std::error_code error = disk_.sync_directory(directory_);', 'const std::error_code error;'),
    Fault('no-checksum', 'a half-written record is taken for a whole one', SLOT_FORMAT,
          'get_fingerprint(bytes, 0) != fingerprint(bytes.substr(kSequenceOffset))', 'false'),
]


class Workshop:
    """A copy of the project in a directory, and the simulation built of it."""

    def __init__(self, directory, jobs):
        self.tree = directory / 'tree'
        self.build_directory = directory / 'build'
        self.jobs = jobs
        # The compiler's cache is to know a file again from another directory.
        self.environment = {**os.environ, 'CCACHE_BASEDIR': str(directory), 'CCACHE_NOHASHDIR': '1'}

    def copy(self):
        """Makes the tree as the project is. Writes what differs and no more, so that no more is built again."""
        wanted = set()
        for parent, directories, names in os.walk(ROOT):
            directories[:] = [name for name in directories
                              if not name.startswith('.') and name not in ('build', '__pycache__')]
            wanted.update((pathlib.Path(parent) / name).relative_to(ROOT) for name in names)
        for path in [path for path in self.tree.rglob('*') if path.is_file()]:
            if path.relative_to(self.tree) not in wanted:
                path.unlink()
        for path in wanted:
            original, copy = ROOT / path, self.tree / path
            if copy.exists() and copy.read_bytes() == original.read_bytes():
                continue
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(original, copy)
            shutil.copymode(original, copy)

    def configure(self):
        self._call(['cmake', '--preset', 'release', '-B', self.build_directory, '-DCMAKE_COMPILE_WARNING_AS_ERROR=OFF'])

    def build(self):
        self._call(['cmake', '--build', self.build_directory, '--target', 'simulation', '--parallel', str(self.jobs)])

    def simulate(self, schedules):
        """What it ended with, and what it said."""
        program = self.build_directory / 'test/simulation/simulation'
        run = subprocess.run([program, f'--schedules={schedules}', '--seed=1'], stdout=subprocess.PIPE, text=True,
                             timeout=RUN_SECONDS)
        return run.returncode, run.stdout

    @contextlib.contextmanager
    def planted(self, fault):
        path = self.tree / fault.file
        code = path.read_text()
        path.write_text(fault.plant(code))
        try:
            yield
        finally:
            path.write_text(code)

    def _call(self, command):
        run = subprocess.run(command, cwd=self.tree, env=self.environment, timeout=BUILD_SECONDS, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if run.returncode != 0:
            raise ValueError(f'{command[0]} {command[1]} failed:\n' + '\n'.join(run.stdout.splitlines()[-30:]))


def pass_unchanged(workshop, schedules):
    """How well the program as it is did; ValueError if not well."""
    workshop.configure()
    workshop.build()
    status, output = workshop.simulate(schedules)
    if status != 0:
        raise ValueError(f'the simulation ended with {status}:\n{output}')
    return f'{schedules} schedules'


def catch(workshop, fault, schedules):
    """How the fault was caught; ValueError if it was not."""
    with workshop.planted(fault):
        workshop.build()
        status, output = workshop.simulate(schedules)
    if status == -signal.SIGABRT:
        return 'the program noticed it itself: an assertion failed'
    if status != 1:
        raise ValueError(f'the simulation ended with {status} after {schedules} schedules: {output.strip()}')
    found = re.match(r'seed (\d+): (\d+) of \d+ steps show that\n([^:\n]*)', output)
    if not found:
        raise ValueError(f'the simulation did not say what it found: {output.strip()}')
    return 'seed {}, {} steps: {}'.format(*found.groups())


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what, examine):
        """examine() says how it went, or raises."""
        begin = time.monotonic()
        try:
            line = f'ok - {what} ({examine()}'
            self.passed += 1
        except (ValueError, OSError, subprocess.SubprocessError) as error:
            line = f'not ok - {what} ({error}'
            self.failed += 1
        print(f'{line}; {time.monotonic() - begin:.0f} s)', flush=True)
        return line.startswith('ok')


def parse_arguments():
    parser = argparse.ArgumentParser(description='Plants faults in the program: the simulation has to find each.')
    parser.add_argument('--schedules', type=int, default=10000, help='to find a fault in')
    parser.add_argument('--only', metavar='NAME', choices=[fault.name for fault in FAULTS], help='of one fault')
    parser.add_argument('--build-directory', metavar='DIR', type=pathlib.Path, help='kept for the next time')
    parser.add_argument('--jobs', type=int, default=2, help='of the compiler')
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    report = Report()
    with contextlib.ExitStack() as stack:
        directory = arguments.build_directory or pathlib.Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix='tailmeter-planted-faults.')))
        workshop = Workshop(directory.resolve(), arguments.jobs)
        workshop.copy()
        if report.check('the program as it is passes', lambda: pass_unchanged(workshop, arguments.schedules)):
            for fault in FAULTS:
                if arguments.only in (None, fault.name):
                    report.check(f'{fault.name}: {fault.sentence}', lambda: catch(workshop, fault, arguments.schedules))
    print(f'{report.passed} passed, {report.failed} failed')
    return 1 if report.failed else 0


if __name__ == '__main__':
    sys.exit(main())
