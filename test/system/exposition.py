"""A strict reader of Prometheus' text format 0.0.4: what a good exporter would not write, it refuses.

https://prometheus.io/docs/instrumenting/exposition_formats/"""
import json
import re
from decimal import Decimal

SUFFIXES = {'histogram': ('_bucket', '_sum', '_count'), 'summary': ('', '_sum', '_count')}
NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
HELP = re.compile(rf'# HELP ({NAME}) ((?:[^\\]|\\[\\n])*)')
TYPE = re.compile(rf'# TYPE ({NAME}) (counter|gauge|histogram|summary)')
SAMPLE = re.compile(rf'({NAME})(?:{{(.+)}})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|NaN|[+-]Inf)')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"')
ESCAPES = {'\\"': '"', '\\\\': '\\', '\\n': '\n'}


class Malformed(ValueError):
    """The text is not a good exposition."""


def series(name, **labels):
    """A series as a key: its labels sorted by name, empty ones left out, as Prometheus does."""
    pairs = [f'{label}={json.dumps(value, ensure_ascii=False)}' for label, value in sorted(labels.items()) if value]
    return f'{name}{{{",".join(pairs)}}}' if pairs else name


class Exposition:
    """What a text says: its families by name, each a mapping of series() to values."""

    def __init__(self, text):
        self.kinds = {}
        self.families = {}
        self._labels = {}                                   # series() -> (name, labels)
        self._read(text.decode() if isinstance(text, bytes) else text)
        for name, kind in self.kinds.items():
            if kind == 'counter':
                self._check_counter(name)
            elif kind == 'histogram':
                self._check_histogram(name)
            elif kind == 'summary':
                self._check_summary(name)

    def __getitem__(self, key):
        return self.samples[key]

    @property
    def samples(self):
        return {key: value for family in self.families.values() for key, value in family.items()}

    def of(self, *names):
        """The samples of the families with these names."""
        return {key: value for name in names for key, value in self.families.get(name, {}).items()}

    def user(self):
        """The samples that a rule file asked for: all but those of the program itself."""
        return self.of(*(name for name in self.families if not re.match('tailmeter_|process_', name)))

    def user_samples(self):
        """The same, each as its name, its labels and its value."""
        return [(*self._labels[key], value) for key, value in self.user().items()]

    def _read(self, text):
        if text and not text.endswith('\n'):
            raise Malformed('the last line has no newline')
        family, helped = None, None
        for line in text.split('\n')[:-1]:
            if helped and not line.startswith(f'# TYPE {helped} '):
                raise Malformed(f'a HELP that its TYPE does not follow: {helped}')
            if match := HELP.fullmatch(line):
                helped = match[1]
            elif match := TYPE.fullmatch(line):
                family, helped = match[1], None
                if family in self.families:
                    raise Malformed(f'a family in two places: {family}')
                self.kinds[family], self.families[family] = match[2], {}
            else:
                self._read_sample(family, line)

    def _read_sample(self, family, line):
        match = SAMPLE.fullmatch(line)
        if not match:
            raise Malformed(f'neither a comment nor a sample: {line[:300]!r}')
        name, label_text, value = match.groups()
        suffixes = SUFFIXES.get(self.kinds.get(family), ('',))
        if family is None or name not in {family + suffix for suffix in suffixes}:
            raise Malformed(f'a sample that is not of the family above it: {line[:300]!r}')
        labels, at = {}, 0
        while label_text and at <= len(label_text):
            label = LABEL.match(label_text, at)
            if not label or label[1] in labels or label_text[label.end():label.end() + 1] not in {'', ','}:
                raise Malformed(f'labels are wrong: {line[:300]!r}')
            labels[label[1]] = re.sub(r'\\.', lambda escape: ESCAPES[escape[0]], label[2])
            at = label.end() + 1
        key = series(name, **labels)
        if key in self._labels:
            raise Malformed(f'a series for a second time: {key}')
        self._labels[key] = name, labels
        self.families[family][key] = Decimal(value.replace('Inf', 'Infinity'))

    def _check_counter(self, family):
        for key, value in self.families[family].items():
            if value.is_nan() or value < 0:
                raise Malformed(f'a counter that is no count: {key} {value}')

    def _check_histogram(self, family):
        buckets, others = {}, {}
        for key, value in self.families[family].items():
            name, labels = self._labels[key]
            if name == family + '_bucket':
                bound = Decimal(labels.get('le', 'NaN').replace('Inf', 'Infinity'))
                rest = series(family, **{label: text for label, text in labels.items() if label != 'le'})
                buckets.setdefault(rest, []).append((bound, value))
            else:
                others.setdefault(series(family, **labels), {})[name] = value
        if buckets.keys() != others.keys():
            raise Malformed(f'buckets without their sum and count, or the other way round: {family}')
        for key, pairs in buckets.items():
            bounds, counts = zip(*pairs)
            if list(bounds) != sorted(set(bounds)) or list(counts) != sorted(counts) or counts[0] < 0:
                raise Malformed(f'buckets that do not rise: {key}')
            if not bounds[-1].is_infinite() or counts[-1] != others[key].get(family + '_count'):
                raise Malformed(f'the count is not that of the bucket for everything: {key}')
            if family + '_sum' not in others[key]:
                raise Malformed(f'no sum: {key}')

    def _check_summary(self, family):
        quantiles, others = {}, {}
        for key, value in self.families[family].items():
            name, labels = self._labels[key]
            rest = series(family, **{label: text for label, text in labels.items() if label != 'quantile'})
            if name != family:
                others.setdefault(rest, set()).add(name)
            elif 'quantile' not in labels:
                raise Malformed(f'a summary without a quantile: {key}')
            else:
                quantiles.setdefault(rest, []).append((Decimal(labels['quantile']), value))
        if any(names != {family + '_sum', family + '_count'} for names in others.values()):
            raise Malformed(f'a sum without a count, or the other way round: {family}')
        for key, pairs in quantiles.items():
            if pairs != sorted(pairs) or [value for _, value in pairs] != sorted(value for _, value in pairs):
                raise Malformed(f'quantiles that do not rise: {key}')
            if key not in others or not 0 <= pairs[0][0] <= pairs[-1][0] <= 1:
                raise Malformed(f'quantiles without sum and count, or beyond 0 and 1: {key}')
