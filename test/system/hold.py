"""Holds a thread by ptrace(2), as a system call that hangs would hold it; the others go on."""
import ctypes
import os
from pathlib import Path

SEIZE, DETACH, INTERRUPT = 0x4206, 17, 0x4207
WAIT_ALL = 0x40000000  # __WALL


def first_thread_of(process):
    """The thread that the main thread started first."""
    return sorted(int(thread.name) for thread in Path(f'/proc/{process}/task').iterdir())[1]


class Hold:
    """While entered, one thread stands still, named by its number; that of a process is its main thread."""

    def __init__(self, thread):
        self.thread = thread
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]

    def _ask(self, request):
        if self.libc.ptrace(request, self.thread, None, None) != 0:
            raise OSError(ctypes.get_errno(), 'ptrace')

    def __enter__(self):
        self._ask(SEIZE)
        self._ask(INTERRUPT)
        os.waitpid(self.thread, WAIT_ALL)

    def __exit__(self, *_):
        try:
            self._ask(DETACH)
        except OSError:     # it was killed, and the process ends when its tracer has heard
            os.waitpid(self.thread, WAIT_ALL)
