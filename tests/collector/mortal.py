"""A collector that is killed at a commit."""


class Killed(BaseException):
    """The process is gone."""


class Mortal:
    """A ledger whose process dies at its nth commit, just before or just after it."""

    def __init__(self, ledger, nth, before):
        self._ledger, self._left, self._before = ledger, nth, before

    def execute(self, sql, *values):
        if sql != "COMMIT":
            return self._ledger.execute(sql, *values)
        self._left -= 1
        if self._left == 0 and self._before:
            raise Killed
        self._ledger.execute(sql)
        if self._left == 0:
            raise Killed
        return None

    def __getattr__(self, name):
        return getattr(self._ledger, name)
