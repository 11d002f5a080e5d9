"""Counts what a reader does, so that a hang is seen without a clock."""

import contextlib
import sys

import numpy as np

from windsock.agent.logs import pieces, ulog_messages


class TooMuchWorkError(Exception):
    """A reader goes on for longer than any log of that size can be worth."""


class Work:
    """Calls of Python functions, and bytes that numpy or a check of a message looked at."""

    calls = 0
    scanned_bytes = 0


class Scanned(np.ndarray):
    """A file's bytes that tell when they are looked at; a view of them costs nothing."""

    work = Work()

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        self.work.scanned_bytes += max(np.size(one) for one in inputs)
        plain = [np.asarray(one) if isinstance(one, Scanned) else one for one in inputs]
        return getattr(ufunc, method)(*plain, **kwargs)

    def __array_function__(self, function, types, args, kwargs):
        self.work.scanned_bytes += self.size
        return super().__array_function__(function, types, args, kwargs)

    def __getitem__(self, key):
        found = super().__getitem__(key)
        if isinstance(key, slice):
            return found
        self.work.scanned_bytes += np.size(found)
        return np.asarray(found)

    def take(self, *args):
        found = np.asarray(super().take(*args))
        self.work.scanned_bytes += found.size
        return found

    def tobytes(self, *args):
        self.work.scanned_bytes += self.size
        return super().tobytes(*args)


class Store:
    """In numpy's place, makes the buffer of a file's pieces tell."""

    def __getattr__(self, name):
        return getattr(np, name)

    def empty(self, *args):
        return np.empty(*args).view(Scanned)


def scanned(check):
    """A check of a message that tells how many bytes it was given."""

    def look(payload):
        Scanned.work.scanned_bytes += len(payload)
        return check(payload)

    return look


CHECKS = dict(ulog_messages.CHECKS)
SCANNED_CHECKS = {kind: scanned(check) for kind, check in CHECKS.items()}


@contextlib.contextmanager
def counted(limits=(sys.maxsize, sys.maxsize)):
    """Count the work that is done within; TooMuchWorkError beyond *limits*, calls and bytes."""
    Scanned.work = work = Work()
    calls_max, bytes_max = limits

    def see(_frame, event, _argument):
        if event == "call":
            work.calls += 1
            if work.calls > calls_max or work.scanned_bytes > bytes_max:
                raise TooMuchWorkError(f"{work.calls} calls, {work.scanned_bytes} bytes")

    before = sys.getprofile()
    ulog_messages.CHECKS.update(SCANNED_CHECKS)
    pieces.np = Store()
    sys.setprofile(see)
    try:
        yield work
    finally:
        sys.setprofile(before)
        pieces.np = np
        ulog_messages.CHECKS.update(CHECKS)
