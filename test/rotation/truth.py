"""What was written, and whether a count agrees with it."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Count:
    """What an exporter shows: how many lines, and the sum of their numbers."""
    lines: int
    numbers: int
    oversize: int = 0  # of the lines, those that it counted as too long to look at


@dataclass(frozen=True)
class Truth:
    """The numbers of the lines that must be counted once, and of those that nobody can demand: truncated away after a
    copy that does not have them. Who read them in time is right to count them, once."""
    held: list
    gone: tuple = ()

    @property
    def written(self):
        return len(self.held) + len(self.gone)

    def fault(self, count):
        """What is wrong with a count, in a word; '' if it is exact."""
        if count.lines > self.written:
            return f'{count.lines - self.written:+}'
        of_gone = count.lines - len(self.held)
        if of_gone < 0:
            return f'{of_gone:+}'
        # As many, but the same? One that is lost and another that counts twice show in the sum.
        gone, sum_of_gone = sorted(self.gone), count.numbers - sum(self.held)
        if not sum(gone[:of_gone]) <= sum_of_gone <= sum(gone[len(gone) - of_gone:]):
            return 'not each once'
        return ''

    def remark(self, count):
        """What is to be said about an exact count."""
        remarks = []
        if self.gone:
            remarks.append(f'{len(self.gone)} in no file, {count.lines - len(self.held)} of them read in time')
        if count.oversize:
            remarks.append(f'{count.oversize} as too long')
        return ', '.join(remarks)
