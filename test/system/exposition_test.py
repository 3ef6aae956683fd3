"""Does exposition.py refuse what is no good exposition? The other tests rely on that."""
from decimal import Decimal

from exposition import Exposition, Malformed, series
from lab import run_test

HEAD = '# HELP a_total Help.\n# TYPE a_total counter\n'
HISTOGRAM = '# HELP h Help.\n# TYPE h histogram\n'
SUMMARY = '# TYPE s summary\n'
GOOD = (HEAD + 'a_total{b="c",d="\\"\\\\\\n,e=\\"}"} 1\na_total 2.5\n' + HISTOGRAM +
        'h_bucket{le="0.1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 1e3\nh_count 2\n# TYPE g gauge\ng -1\n' +
        SUMMARY + 's{quantile="0.5"} 1\ns{quantile="1"} 2\ns_sum 3\ns_count 2\n')
BAD = {
    'a last line without a newline': HEAD + 'a_total 1',
    'an empty line': HEAD + '\na_total 1\n',
    'a sample without a TYPE': 'a_total 1\n',
    'the TYPE of something else than the HELP': '# HELP b_total Help.\n# TYPE a_total counter\na_total 1\n',
    'a HELP without a TYPE': '# TYPE a_total counter\na_total 1\n# HELP b_total Help.\nb_total 1\n',
    'two HELPs': '# HELP a_total Help.\n' + HEAD + 'a_total 1\n',
    'a family in two places': HEAD + 'a_total 1\n' + HEAD + 'a_total{b="c"} 1\n',
    'a sample among another family': HEAD + 'b_total 1\n',
    'an unknown type': '# HELP a Help.\n# TYPE a counters\na 1\n',
    'an unknown escape in a help': '# HELP a \\t\n# TYPE a counter\na 1\n',
    'a series twice': HEAD + 'a_total{b="c",d="e"} 1\na_total{d="e",b="c"} 1\n',
    'a series twice, for an empty label is none': HEAD + 'a_total{b=""} 1\na_total 1\n',
    'a label twice': HEAD + 'a_total{b="c",b="d"} 1\n',
    'a label without quotes': HEAD + 'a_total{b=c} 1\n',
    'an unknown escape in a label': HEAD + 'a_total{b="\\x41"} 1\n',
    'a raw quote in a label': HEAD + 'a_total{b="c"d"} 1\n',
    'no comma between labels': HEAD + 'a_total{b="c"d="e"} 1\n',
    'a comma behind the labels': HEAD + 'a_total{b="c",} 1\n',
    'a raw newline in a label': HEAD + 'a_total{b="c\nd"} 1\n',
    'bytes that are not UTF-8': HEAD.encode() + b'a_total{b="\xff"} 1\n',
    'a value that is no number': HEAD + 'a_total one\n',
    'a value that is missing': HEAD + 'a_total\n',
    'two blanks': HEAD + 'a_total  1\n',
    'a negative counter': HEAD + 'a_total -1\n',
    'a counter of NaN': HEAD + 'a_total NaN\n',
    'falling buckets': HISTOGRAM + 'h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
    'bounds out of order': HISTOGRAM + 'h_bucket{le="2"} 1\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 1\n'
                           'h_sum 1\nh_count 1\n',
    'no bucket for everything': HISTOGRAM + 'h_bucket{le="1"} 1\nh_sum 1\nh_count 1\n',
    'a count that is not the last bucket\'s': HISTOGRAM + 'h_bucket{le="+Inf"} 2\nh_sum 1\nh_count 1\n',
    'a histogram without a sum': HISTOGRAM + 'h_bucket{le="+Inf"} 1\nh_count 1\n',
    'buckets without a count': HISTOGRAM + 'h_bucket{le="+Inf"} 1\nh_sum 1\n',
    'a summary without a quantile': SUMMARY + 's 1\ns_sum 1\ns_count 1\n',
    'a summary without a count': SUMMARY + 's_sum 1\n',
    'quantiles alone': SUMMARY + 's{quantile="0.5"} 1\n',
    'quantiles that fall': SUMMARY + 's{quantile="0.5"} 2\ns{quantile="0.9"} 1\ns_sum 3\ns_count 2\n',
    'quantiles beyond 1': SUMMARY + 's{quantile="1.5"} 2\ns_sum 3\ns_count 2\n',
    'buckets alone': HISTOGRAM + 'h_bucket{le="+Inf"} 1\n',
}


def is_refused(text):
    try:
        Exposition(text)
    except (Malformed, UnicodeDecodeError):
        return True
    return False


def main(lab):
    lab.same('a good exposition is read', Exposition(GOOD).samples, {
        series('a_total', b='c', d='"\\\n,e="}'): Decimal(1), 'a_total': Decimal('2.5'),
        'h_bucket{le="0.1"}': Decimal(1), 'h_bucket{le="+Inf"}': Decimal(2), 'h_sum': Decimal(1000),
        'h_count': Decimal(2), 'g': Decimal(-1), 's{quantile="0.5"}': Decimal(1), 's{quantile="1"}': Decimal(2),
        's_sum': Decimal(3), 's_count': Decimal(2)})
    for fault, text in BAD.items():
        lab.refuses(fault, is_refused(text))
    lab.sees_an_error_of_one(Exposition(GOOD).samples)


run_test(main)
