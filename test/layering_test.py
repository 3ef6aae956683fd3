"""The arrows between the folders: which may include which, and where each foreign header may be.

The table is ARCHITECTURE.md's. A wrong arrow fails with the line that draws it. Run it with the project's root as its argument.
"""
import pathlib
import re
import sys

# A folder may include the folders listed, and itself. The longest name that fits a file counts.
ARROWS = {
    "parsers": [],
    "rules/series": ["parsers", "rules/sketch"],
    "rules/sketch": ["parsers"],
    "rules/presets": [],
    "rules/file": ["parsers", "rules/presets"],
    "rules/program": ["parsers", "rules/file", "rules/series"],
    "rules": ["parsers", "rules/file", "rules/series", "rules/program"],
    "exporter/descriptors": [],
    "exporter/files": [],
    "exporter/identity": [],
    "exporter/lines": [],
    "exporter/input": ["exporter/descriptors", "exporter/lines"],
    "exporter/state": ["exporter/identity"],
    "exporter/tail": ["exporter/identity", "exporter/lines"],
    "exporter/web": ["exporter/descriptors", "parsers", "rules/series", "exporter/web/exposition"],
    "exporter/web/access": ["parsers", "rules/file", "exporter/files", "exporter/web"],
    "exporter/web/exposition": ["parsers", "rules/series"],
    "exporter/cli": ["parsers", "rules", "exporter", "exporter/descriptors", "exporter/files", "exporter/input", "exporter/lines",
                     "exporter/state", "exporter/tail", "exporter/web"],
    "exporter": ["parsers", "rules", "exporter/descriptors", "exporter/input", "exporter/lines", "exporter/state",
                 "exporter/tail", "exporter/web"],
}
# main.cc alone may go up to the commands.
EXCEPTIONS = {("exporter/main.cc", "exporter/cli")}

FOREIGN = {
    "re2/": {"parsers/pattern.cc"},
    "simdjson": {"parsers/json_parser.cc"},
    "yaml-cpp/": {"rules/file/document.cc"},
    "CLI/": {"exporter/cli/arguments.cc"},
    "httplib.h": {"exporter/web/responder.cc"},
    "zlib.h": {"exporter/tail/decompressor.cc"},
    "crypt.h": {"exporter/web/access/bcrypt.cc"},
    "openssl/": {"exporter/web/access/passwords.cc", "exporter/web/access/tls_context.cc", "exporter/web/tls_transport.cc"},
    "maxminddb": {"exporter/cli/geo_database.cc"},
    "zstd": {"exporter/tail/decompressor.cc", "exporter/web/exposition/compression.cc"},
    "libdeflate": {"exporter/web/exposition/compression.cc"},
    "xxhash.h": {"rules/series/hash.h", "rules/sketch/stable_hash.h", "exporter/state/slot_format.cc", "exporter/tail/rung.cc"},
}
MAX_FILE_LINES = 400
MAX_MAIN_LINES = 60

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')


def folder_of(path):
    fitting = [folder for folder in ARROWS if path == folder or path.startswith(folder + "/")]
    return max(fitting, key=len) if fitting else None


def faults_of(path, text):
    """Every wrong arrow, foreign header out of place, and overlong file, for the file `path` with content `text`."""
    faults = []
    here = folder_of(path)
    lines = text.splitlines()
    limit = MAX_MAIN_LINES if path == "exporter/main.cc" else MAX_FILE_LINES
    if len(lines) > limit:
        faults.append(f"{path}: {len(lines)} lines, more than {limit}: does it still hold one idea?")
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        kind, included = match.groups()
        if kind == '"':
            there = folder_of(included)
            if there is None:
                faults.append(f"{path}:{number}: \"{included}\" is not written from the project's root")
            elif there != here and not allows(here, there) and (path, there) not in EXCEPTIONS:
                faults.append(f"{path}:{number}: {here} must not know {there}: {line.strip()}")
        for prefix, places in FOREIGN.items():
            if included.startswith(prefix) and path not in places:
                faults.append(f"{path}:{number}: <{included}> belongs to {', '.join(sorted(places))} alone")
    return faults


def allows(here, there):
    return any(there == folder or there.startswith(folder + "/") for folder in ARROWS[here] if folder != "exporter") or (
        there == "exporter" and "exporter" in ARROWS[here])


def self_test():
    """The checker refuses what is bad."""
    bad = [
        ("parsers/x.cc", '#include "rules/series/family.h"'),
        ("exporter/tail/x.cc", '#include "parsers/parser.h"'),
        ("exporter/state/x.cc", '#include "exporter/tail/tail.h"'),
        ("exporter/input/x.cc", '#include "exporter/tail/tail.h"'),
        ("rules/file/x.cc", '#include "rules/program/compile.h"'),
        ("rules/sketch/x.cc", '#include "rules/series/family.h"'),
        ("exporter/web/x.cc", '#include "exporter/scrape.h"'),
        ("exporter/web/x.cc", '#include "exporter/web/access/access.h"'),
        ("exporter/web/access/x.cc", '#include "exporter/scrape.h"'),
        ("exporter/web/access/x.cc", "#include <crypt.h>"),
        ("exporter/web/router.cc", "#include <openssl/ssl.h>"),
        ("exporter/x.cc", '#include "exporter/cli/commands.h"'),
        ("rules/program/x.cc", "#include <re2/re2.h>"),
        ("parsers/x.cc", "#include <simdjson.h>"),
        ("exporter/tail/x.cc", "#include <zlib.h>"),
        ("exporter/tail/x.cc", "#include <zstd_errors.h>"),
        ("parsers/x.cc", '#include "pattern.h"'),
        ("parsers/x.cc", "\n" * (MAX_FILE_LINES + 1)),
    ]
    good = [
        ("exporter/cli/x.cc", '#include "exporter/scrape.h"\n#include "rules/file/print.h"\n#include "exporter/tail/tail.h"'),
        ("exporter/main.cc", '#include "exporter/cli/commands.h"'),
        ("exporter/web/access/x.cc", '#include "exporter/web/message.h"\n#include "rules/file/value.h"'),
        ("parsers/pattern.cc", "#include <re2/re2.h>"),
    ]
    wrong = [f"the checker lets pass: {path}: {text[:60]!r}" for path, text in bad if not faults_of(path, text)]
    return wrong + [f"the checker refuses: {fault}" for path, text in good for fault in faults_of(path, text)]


def main():
    root = pathlib.Path(sys.argv[1])
    faults = self_test()
    files = 0
    for top in ("parsers", "rules", "exporter"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in (".cc", ".h"):
                files += 1
                faults += faults_of(str(path.relative_to(root)), path.read_text())
    print("\n".join(faults) if faults else f"ok - the arrows hold in {files} files")
    return 1 if faults or files < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
