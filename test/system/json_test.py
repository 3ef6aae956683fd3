"""Does a JSON line have the fields that Python's json finds in it?

Lines are made from a seed, half of them damaged, and counted by dry-run with a label for each field that is asked for, and for
the file, of a hundred lines each. Python reads the same lines. Where JSON leaves open what a line means, or Python takes more or
less than JSON, this is what a user is told (parsers/formats.h):

  a name with dots leads through objects and lists; of several ways the one with the fewest keys counts, and of these the last
  null, an object and a list of objects or lists are no value, a list of scalars is "a, b" with "-" for null
  numbers are as they are written
  half of a surrogate pair is U+FFFD, where Python has a str that no encoding has
  bytes that are no UTF-8 stay as they are, where Python refuses the line
  a byte order mark is passed over, where Python refuses it
  NaN and Infinity are refused, as is a line that is no object, where Python takes them
  so is nesting of more than 64 levels
"""
import json
import random
from collections import Counter

from lab import run_test

FILES, LINES = 200, 100  # and so many lines each
SEED = 20261122
NAMES = 'a', 'b', 'c', 'a.b', 'b.c', 'a.b.c', 'a.0', 'b.1.a', 'c.0', 'status'
MOST_LEVELS = 64
MOST_LABEL_BYTES = 256
BYTE_ORDER_MARK = b'\xef\xbb\xbf'
RAW = 0x10F700  # where bytes from 0x80 on are put, which Python would not take: characters that nobody uses
RAW_BYTES = {byte: RAW + byte for byte in range(0x80, 0x100)}
RULES = '''sources:
  - {name: lines, files: ['*.log'], format: json}
metrics:
  - counter: lines_total
    labels: {file: $file}
  - counter: fields_total
    max_series: 100000
    labels:
      file: $file
''' + ''.join(f"      f{number}: '${{{name}}}'\n" for number, name in enumerate(NAMES))


class Lines:
    def __init__(self):
        self.random = random.Random(SEED).random

    def below(self, number):
        return int(self.random() * number)  # randrange() and choice() take half of the test's time

    def one_in(self, number):
        return self.below(number) == 0

    def one_of(self, choices):
        return choices[self.below(len(choices))]

    def blanks(self):
        return self.one_of([b' ', b'\t', b'\r', b'  ']) if self.one_in(6) else b''

    def text(self):
        pieces = [b'x', b'GET /v2/', b' ', b'200', b'-', b':', b',', b'{', b']', '\u00e9'.encode(), b'\xff', b'\xe2\x82', b'\x7f',
                  '\u20ac'.encode(), '\U0001f600'.encode(), '\u0085'.encode(), b'\xed\xa0\x80', b'null', b'\xc0\xaf']
        return b''.join(self.one_of(pieces) for _ in range(self.below(5)))

    def string(self, text):
        escapes = [rb'\"', rb'\\', rb'\/', rb'\n', rb'\t', rb'\b', rb'\u00e9', rb'\u20AC', rb'\ud83d\ude00', rb'\ud83d', rb'\ude00',
                   rb'\ud83d\ud83d\ude00', rb'\u0000', rb'\u0085', rb'\u0061']
        pieces = [text]
        while self.one_in(3):
            pieces.insert(self.below(len(pieces) + 1), self.one_of(escapes))
        return b'"' + b''.join(pieces) + b'"'

    def key(self):
        return self.string(self.one_of([b'a', b'a', b'b', b'b', b'c', b'a.b', b'b.c', b'a.b.c', b'0', b'1', b'', b'\xff']))

    def scalar(self):
        if self.one_in(60):
            return self.one_of([b'009', b'NaN', b'-Infinity'])
        literals = [b'0', b'-0', b'200', b'"200"', b'1.50', b'-1.5e-05', b'1E+9', b'12345678901234567890123', b'true', b'false', b'null',
                    b'null', b'""', b'"-"']
        return self.one_of(literals) if self.one_in(2) else self.string(self.text())

    def value(self, levels):
        kind = self.below(8)
        if kind < 4 or levels > 4:
            return self.scalar()
        return self.object(levels + 1) if kind < 6 else self.list(levels + 1)

    def list(self, levels):
        values = [self.value(levels) if self.one_in(4) else self.scalar() for _ in range(self.below(4))]
        return b'[' + b','.join(self.blanks() + value + self.blanks() for value in values) + b']'

    def object(self, levels=0):
        pairs = [self.blanks() + (b'"status"' if self.one_in(9) else self.key()) + self.blanks() + b':' + self.blanks() +
                 self.value(levels) + self.blanks() for _ in range(self.below(6))]
        return b'{' + b','.join(pairs) + b'}'

    def nested(self):
        levels = MOST_LEVELS - 6 + self.below(12)
        is_object = [True] + [self.one_in(2) for _ in range(levels - 1)]
        return (b''.join(b'{"a":' if one else b'[' for one in is_object) + b'1' +
                b''.join(b'}' if one else b']' for one in reversed(is_object)))

    def damage(self, line):
        for _ in range(1 + self.below(3)):
            place = self.below(len(line) + 1)
            byte = bytes([self.one_of(b'"\\{}[]:,= \t-0.eEu\x00\x1f\x7f\xff1atn')])
            kind = self.below(5)
            line = (line[:place] + byte + line[place:] if kind == 0 else line[:place] + line[place + 1:] if kind == 1 else
                    line[:place] if kind == 2 and self.one_in(3) else line[:place] + byte + line[place + 1:])
        return line

    def line(self):
        kind = self.below(40)
        if kind == 0:
            line = self.nested()
        elif kind == 1:
            line = self.one_of([self.list(0), self.scalar()])
        else:
            line = self.object()
        line = (BYTE_ORDER_MARK if self.one_in(40) else b'') + self.blanks() + line + self.blanks()
        return self.damage(line) if self.one_in(2) else line


class Refused(Exception):
    """The line is no JSON object."""


class Object(list):
    """Its pairs, those of one name among them."""


class Number(str):
    """As it is written."""


class Reading:
    """Lines as Python's json reads them. `met` counts what is not as Python has it."""

    def __init__(self):
        self.met = Counter()

    def refuse(self, why):
        self.met[why] += 1
        raise Refused

    def value(self, line):
        if line.startswith(BYTE_ORDER_MARK):
            self.met['a byte order mark'] += 1
            line = line[len(BYTE_ORDER_MARK):]
        text = line.decode('latin-1').translate(RAW_BYTES)
        try:
            value = json.loads(text, object_pairs_hook=Object, parse_int=Number, parse_float=Number,
                               parse_constant=lambda word: self.refuse('NaN or Infinity'))
        except json.JSONDecodeError:
            raise Refused from None
        if not isinstance(value, Object):
            self.refuse('a line that is no object')
        if levels(value) > MOST_LEVELS:
            self.refuse('too many levels')
        return value

    def bytes(self, text):
        found = bytearray()
        for character in text:
            if RAW + 0x80 <= ord(character) <= RAW + 0xFF:
                found.append(ord(character) - RAW)
            elif 0xD800 <= ord(character) <= 0xDFFF:
                self.met['half of a surrogate pair'] += 1
                found += '\ufffd'.encode()
            else:
                found += character.encode()
        try:
            found.decode()
        except UnicodeDecodeError:
            self.met['bytes that are no UTF-8'] += 1
        return bytes(found)

    def field(self, value):
        if isinstance(value, list):
            if isinstance(value, Object) or any(isinstance(element, list) for element in value):
                return b''
            return b', '.join(b'-' if element is None else self.field(element) for element in value)
        return b'' if value is None else str(value).lower().encode() if isinstance(value, bool) else self.bytes(value)

    def collect(self, value, name, keys, found):
        for key, member in value if isinstance(value, Object) else enumerate(value):
            full = f'{name}.{key}' if keys else key
            before = found.get(full)
            if before and before[0] == keys + 1:
                self.met['a name that is there twice'] += 1
            if not before or keys + 1 <= before[0]:
                found[full] = keys + 1, member
            if isinstance(member, list):
                self.collect(member, full, keys + 1, found)

    def fields(self, line):
        """The labels that a line makes, in the order of NAMES."""
        found = {}
        self.collect(self.value(line), '', 0, found)
        return tuple(label(self.field(found[name][1])) if name in found else '' for name in NAMES)


def levels(value):
    return 1 + max(map(levels, value_members(value)), default=0) if isinstance(value, list) else 0


def value_members(value):
    return [member for _, member in value] if isinstance(value, Object) else value


def label(field):
    """A field as label values show it: no value is no label; and what is no UTF-8, or a control character, is \\xHH."""
    if field in (b'', b'-'):
        return ''
    shown = ''
    for character in field.decode('utf-8', 'surrogateescape'):
        is_shown = character.isascii() and character.isprintable() or '\u00a0' <= character and not '\udc80' <= character <= '\udcff'
        piece = character if is_shown else ''.join(f'\\x{byte:02X}' for byte in character.encode('utf-8', 'surrogateescape'))
        if len((shown + piece).encode()) > MOST_LABEL_BYTES:
            break
        shown += piece
    return shown


def check_reading(lab):
    """Python's reading of lines whose fields are thought out."""
    for line, want in {
            rb'{"a":"x\u00e9\ud83d\ude00","b":[1,null,"y"],"c":{"0":-0}}': {'a': 'x\u00e9\U0001f600', 'b': '1, -, y', 'c.0': '-0'},
            rb'{"a":1.50,"a":2E+9,"a.b":"\ud83d","a":{"b":3}}': {'a.b': '\ufffd'},
            b'{"b":"\xff\x7f","c":[{}],"status":"-"}': {'b': r'\xFF\x7F'},
            b'\xef\xbb\xbf {"a":[5,true]}': {'a': '5, true', 'a.0': '5'}}.items():
        got = dict(zip(NAMES, Reading().fields(line)))
        lab.check(f'Python reads {line}', {name: value for name, value in got.items() if value} == want, got)
    for line in (b'', b'[]', b'{"a":NaN}', b'{"a":009}', rb'{"a":"\x22"}', b'{"a":1,}', b'{"a":"\t"}', b'{"a":' * 65 + b'1' + b'}' * 65):
        try:
            lab.refuses(str(line), False, Reading().fields(line))
        except Refused:
            lab.refuses(str(line[:20]), True)


def main(lab):
    check_reading(lab)
    lab.folder('logs')
    rules = lab.write('rules.yml', RULES)
    lines, reading = Lines(), Reading()
    want, refused, paths = Counter(), 0, []
    for number in range(FILES):
        path = lab.dir / f'logs/{number:03}.log'
        made = [lines.line() for _ in range(LINES)]
        path.write_bytes(b'\n'.join(made) + b'\n')
        paths.append(path)
        for line in made:
            try:
                want[f'{path.name}: {reading.fields(line)}'] += 1
            except Refused:
                refused += 1

    printed = lab.dry_run_json(f'--config.file={rules}', *paths)
    got = Counter()
    for metric in printed['metrics']:
        if metric['name'] == 'fields_total':
            labels = metric['labels']
            fields = tuple(labels.get(f'f{number}', '') for number in range(len(NAMES)))
            got[f'{labels["file"].rpartition("/")[2]}: {fields}'] += int(metric['value'])
    lab.same('each file has the lines that Python takes, with the fields that it finds', got, want)
    taken = FILES * LINES - refused
    lab.same('of all lines', {key: printed[key] for key in ('lines', 'matched', 'unmatched', 'oversize')},
             {'lines': FILES * LINES, 'matched': taken, 'unmatched': refused, 'oversize': 0})
    lab.check(f'{taken} lines are taken and {refused} refused: many of either', min(taken, refused) > FILES * LINES / 5)
    for what in ('a byte order mark', 'NaN or Infinity', 'a line that is no object', 'too many levels', 'half of a surrogate pair',
                 'bytes that are no UTF-8', 'a name that is there twice'):
        lab.check(f'{what}: {reading.met[what]} times', reading.met[what] >= 50)
    lab.sees_an_error_of_one(want)


run_test(main)
