"""What goes wrong when logs are read, as it was found in logs of many programs: each of these has one test that says what is right.

A test belongs to number N by the tags [pitfall][pitfall-N]. Run it with the project's root as its argument; with --list it says which
test is whose.
"""
import pathlib
import re
import sys

PITFALLS = """\
an empty request
a dash for a request
a TLS hello on the plain port
a binary request of three parts
a method of an attacker's invention
a request without a protocol
the preface of HTTP/2
blanks and tabs in a target
a user's name with blanks and brackets
a user's name in UTF-8
IPv6 addresses without brackets
a client on a Unix socket
a dash for a size
a status with a leading zero
no status at all
a status outside the standard
upstreams behind commas
upstreams behind colons
a dash inside a list
a dash for a whole value
upstreams that took longer than the request
an upstream that was given up
forwarded addresses of all kinds
the escapes of nginx and those of httpd
an escape that the client sent
bytes in JSON that are no UTF-8
numbers in JSON as texts
JSON that is none
raw control characters
very long lines
lines cut off
CRLF, and a last line without an end
fields in front and behind
an empty referer in quotes
time zones, and none
lines out of order
messages of several lines
prefixes of syslog
lines wrapped and split by container runtimes
one event logged twice
durations of Go
ten units for one duration
numbers as rsync writes them
rsync's totals without a rate
names of files
progress by carriage returns
which of rsync's errors is a failure
dry runs
colours and cut level names
words within words
names of images
no time stamps
failures of runs that end well
HAProxy's odd requests
secrets in lines
injected field boundaries
encodings of old
the words of a cache
which bytes, and many of them
rotation
""".splitlines()

TEST_CASE = re.compile(r'TEST_CASE\(\s*"((?:[^"\\]|\\.)*)",\s*"([^"]*)"')
TAG = re.compile(r"\[pitfall-([^\]]*)\]")


def tests_of(text):
    """The tests of a source with their pitfalls: (name, tags, numbers as they are written)."""
    return [(name, tags, TAG.findall(tags)) for name, tags in TEST_CASE.findall(text)]


def faults_of(texts):
    """Every pitfall without a test or with several, and every tag that is wrong, in the sources `texts`."""
    faults = []
    tests = {}
    for text in texts:
        found = tests_of(text)
        if sum(len(numbers) for _, _, numbers in found) != len(TAG.findall(text)):
            faults.append("a tag [pitfall-...] belongs to no TEST_CASE")
        for name, tags, numbers in found:
            if bool(numbers) != ("[pitfall]" in tags):
                faults.append(f'"{name}": the tags [pitfall] and [pitfall-NN] go together')
            for number in numbers:
                if not re.fullmatch(r"\d\d", number) or not 1 <= int(number) <= len(PITFALLS):
                    faults.append(f'"{name}": there is no pitfall {number}; they are 01 to {len(PITFALLS)}')
                else:
                    tests.setdefault(int(number), []).append(name)
    for number, what in enumerate(PITFALLS, 1):
        names = tests.get(number, [])
        if len(names) != 1:
            faults.append(f"pitfall {number} ({what}) has {len(names)} tests: {names}")
    return faults


def self_test():
    """The checker takes what is right and refuses what is not."""
    right = [f'TEST_CASE("says {n}",\n          "[x][pitfall][pitfall-{n:02}]") {{' for n in range(1, len(PITFALLS) + 1)]
    wrong = {
        "a missing one": right[:-1],
        "a double one": right + right[6:7],
        "a number too large": right + ['TEST_CASE("x", "[pitfall][pitfall-61]") {'],
        "a number 0": right + ['TEST_CASE("x", "[pitfall][pitfall-00]") {'],
        "a number of one digit": right[1:] + ['TEST_CASE("x", "[pitfall][pitfall-1]") {'],
        "a number without the tag": right[1:] + ['TEST_CASE("x", "[pitfall-01]") {'],
        "the tag without a number": right + ['TEST_CASE("x", "[pitfall]") {'],
        "a number in a comment": right[1:] + ["// [pitfall-01]"],
    }
    faults = [f"the checker lets pass: {what}" for what, texts in wrong.items() if not faults_of(texts)]
    return faults + [f"the checker refuses: {fault}" for fault in faults_of(right)]


def main():
    if len(sys.argv) < 2 or sys.argv[2:] not in ([], ["--list"]):
        print("usage: pitfalls_test.py ROOT [--list], where ROOT is the project's folder", file=sys.stderr)
        return 2
    sources = [path.read_text() for path in sorted((pathlib.Path(sys.argv[1]) / "test").rglob("*_test.cc"))]
    if sys.argv[2:] == ["--list"]:
        rows = [(numbers[0], name) for text in sources for name, _, numbers in tests_of(text) if numbers]
        print("\n".join(f"{number} {name}" for number, name in sorted(rows)))
    faults = self_test() + faults_of(sources)
    print("\n".join(faults) if faults else f"ok - each of {len(PITFALLS)} pitfalls has its test")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
