"""A client that guesses passwords, many a second, from as many addresses of loopback as it is given."""
import base64
import collections
import http.client
import itertools
import threading
import time


def basic(user, password):
    """The Authorization header of a user."""
    return 'Basic ' + base64.b64encode(f'{user}:{password}'.encode()).decode()


class PasswordGuesser:
    """Until stop(), asks for a page with wrong passwords, of a user who is there and of one who is not, each guess on a
    connection of its own. `answers` counts the status codes, and the names of what went wrong where there was none."""

    def __init__(self, address, user, per_second=100, sources=('127.0.0.1',), path='/metrics', context=None):
        self.address, self.path, self.context = address, path, context
        self.users, self.sources = itertools.cycle([user, 'nobody']), itertools.cycle(sources)
        self.answers = collections.Counter()
        self.lock, self.is_stopped = threading.Lock(), threading.Event()
        # More than wait for bcrypt at once, so that the pace does not depend on its answers.
        threads = 10
        self.pause = threads / per_second
        self.threads = [threading.Thread(target=self.run, args=(number,)) for number in range(threads)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def stop(self):
        self.is_stopped.set()
        for thread in self.threads:
            thread.join()
        return self.answers

    def run(self, thread):
        for guess in itertools.count():
            begin = time.monotonic()
            with self.lock:
                user, source = next(self.users), next(self.sources)
            status = self.guess(user, f'wrong-{thread}-{guess}', source)
            with self.lock:
                self.answers[status] += 1
            if self.is_stopped.wait(max(0, self.pause - (time.monotonic() - begin))):
                return

    def guess(self, user, password, source):
        try:
            if self.context:
                connection = http.client.HTTPSConnection(*self.address, timeout=60, source_address=(source, 0),
                                                         context=self.context)
            else:
                connection = http.client.HTTPConnection(*self.address, timeout=60, source_address=(source, 0))
            connection.request('GET', self.path, headers={'Authorization': basic(user, password)})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException) as fault:
            return type(fault).__name__
        finally:
            connection.close()
