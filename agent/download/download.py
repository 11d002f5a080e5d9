"""LogDownload: all logs of one drone that aren't here, the newest first. Pure.

It says nothing by itself: it is a task (`tasks`) which whoever owns the link drives, and stops
whenever the gate shuts. What was received is on the shelf, so stopping costs nothing but asking
again.
"""

from dataclasses import dataclass, field
from typing import Final

from windsock.agent.download.ftp import Ftp, RefusedError
from windsock.agent.download.ftp_fetch import FtpFetch
from windsock.agent.download.habits import FTP, LOG_DATA, Habits
from windsock.agent.download.listing import LogFile, merged, newest_first, same
from windsock.agent.download.log_requests import LogDataFetch, LogRequests
from windsock.agent.download.rates import Rates
from windsock.agent.download.shelf import Part, Shelf
from windsock.agent.download.tasks import (
    SECOND_US,
    LogGoneError,
    MethodFailedError,
    NoAnswerError,
    Task,
    clock,
    pause,
)
from windsock.agent.link.outlet import Outlet
from windsock.agent.link.vehicles import Node

_PROBE_US: Final = SECOND_US // 2
"""How long each method is tried before they are compared: on slow links one range or burst."""
_STINT_US: Final = 20 * SECOND_US
_SETTLE_US: Final = 3 * SECOND_US
"""A log is closed if it didn't grow for so long."""
_GROWTHS: Final = 3
"""After that it is left for later: it is still being written."""
_LEADING_BYTES: Final = 180
_PX4_CHECK_LIMIT: Final = 1_000_000
"""PX4 reckons a checksum in the thread that hears commands: not for seconds."""


@dataclass
class Progress:
    """What the download is at, for people."""

    log: str | None = None
    part: Part | None = None
    method: str | None = None
    waiting: int = 0
    """Logs that come after this one."""
    bytes_in: int = 0
    """All payload received, whatever came twice included."""
    rates: dict[str, float] = field(default_factory=dict)
    """Bytes a second that each method had here."""

    @property
    def size(self) -> int:
        """Of this log, in bytes."""
        return self.part.size if self.part else 0

    @property
    def done(self) -> int:
        """How many of them are here."""
        return self.part.ranges.total if self.part else 0

    def nothing(self) -> None:
        """No log is being fetched."""
        self.log = self.part = self.method = None


@dataclass
class LogDownload:
    """One drone's logs onto *shelf*. *share* of the link's time is used, 1 being all of it."""

    drone: Node
    outlet: Outlet
    habits: Habits
    shelf: Shelf
    share: float = 1.0
    progress: Progress = field(default_factory=Progress)
    sequence: int = 0
    """Of the first question by FTP: another one each time."""

    def __post_init__(self) -> None:
        self.rates = Rates(self.habits.order, self.habits.ceilings, self.progress.rates)
        self._ftp = Ftp(self.drone, self.outlet.system, self.sequence)
        self._requests = LogRequests(self.drone, self.outlet, self.habits.one_at_a_time)
        self._last_number: int | None = None

    def run(self) -> Task[None]:
        """Fetch what is there; ends when all of it is here. Raises NoAnswerError."""
        self.rates.forgive()
        yield from self._requests.end()  # of ours that arming cut, and that would go on by itself
        logs = newest_first((yield from self._all()), self._last_number)
        listed_us = yield from clock()
        wanted = [log for log in logs if self.shelf.wants(log)]
        for place, log in enumerate(wanted, 1):
            part = self.shelf.part(log)
            if part is None:
                continue
            self.progress.log, self.progress.part = log.name, part
            self.progress.waiting = len(wanted) - place
            try:
                yield from _Fetching(self, log, part).run(listed_us)
            except LogGoneError:
                continue
        self.progress.nothing()

    def _all(self) -> Task[list[LogFile]]:
        """What either list names, as far as each may be asked for."""
        files: list[LogFile] = []
        try:
            files, self._last_number = yield from self._ftp.logs()
        except (MethodFailedError, NoAnswerError):
            if LOG_DATA not in self.habits.order:
                raise
        return merged(files, (yield from self.entries()))

    def entries(self) -> Task[list[LogFile]]:
        """LOG_ENTRYs, or none where they may not be asked for or don't come."""
        if LOG_DATA not in self.habits.order:
            return []
        try:
            return (yield from self._requests.entries())
        except MethodFailedError:
            return []

    @property
    def ftp(self) -> Ftp:
        """The client."""
        return self._ftp

    @property
    def requests(self) -> LogRequests:
        """The other way."""
        return self._requests


class _Fetching:
    """One log, by one method after the other."""

    def __init__(self, download: LogDownload, log: LogFile, part: Part) -> None:
        self._download = download
        self._log = log
        self._part = part
        self._by_ftp = FtpFetch(download.ftp, log.path, part) if log.path else None
        self._by_requests: LogDataFetch | None = None
        self._confirmed: set[str] = set() if part.ranges.total else {FTP, LOG_DATA}
        self._method: str | None = None

    def run(self, listed_us: int) -> Task[None]:
        """Until it is on the shelf, or put off as it still grows since *listed_us*."""
        for _ in range(_GROWTHS):
            yield from self._fill()
            now_us = yield from clock()
            yield from pause(max(0, listed_us + _SETTLE_US - now_us))
            if not (yield from self._has_grown()):
                break
            listed_us = yield from clock()
        else:
            yield from self._leave()
            return
        if (yield from self._is_right()):
            self._part.finish()
        else:
            self._part.discard()
        yield from self._leave()

    def _fill(self) -> Task[None]:
        rates = self._download.rates
        while self._part.ranges.total < self._part.size:
            method = rates.pick(self._available())
            if method is None:
                raise NoAnswerError("no method gets any further")
            try:
                yield from self._switch(method)
                yield from self._stint(method)
            except (MethodFailedError, NoAnswerError, RefusedError):
                rates.failed(method)

    def _available(self) -> list[str]:
        named = {FTP: self._log.path is not None, LOG_DATA: self._log.log_id is not None}
        return [method for method in self._download.habits.order if named[method]]

    def _switch(self, method: str) -> Task[None]:
        """End what the other method left, and see that this one means the same log."""
        if method != self._method:
            yield from self._leave()
            self._method = self._download.progress.method = method
        if method == LOG_DATA and self._by_requests is None:
            yield from self._number()
        fetch = self._fetch(method)
        if method in self._confirmed:
            return
        if not (yield from fetch.confirm(_LEADING_BYTES)):
            self._part.discard()
        self._confirmed.add(method)

    def _number(self) -> Task[None]:
        """The log's id as of now: PX4 gives ids anew at each listing."""
        entries = yield from self._download.entries()
        twins = [entry for entry in entries if same(entry, self._log)]
        if len(twins) != 1:
            self._log = self._log._replace(log_id=None)
            raise MethodFailedError("the list names no such log any more")
        self._log = self._log._replace(log_id=twins[0].log_id)
        self._by_requests = LogDataFetch(self._download.requests, twins[0].log_id or 0, self._part)

    def _stint(self, method: str) -> Task[None]:
        """Go on for a while, note how fast it was, and leave the link to others."""
        rates, progress = self._download.rates, self._download.progress
        fetch = self._fetch(method)
        before, bytes_before = self._part.ranges.total, fetch.bytes_in
        began_us = yield from clock()
        try:
            yield from fetch.stint(_STINT_US if method in rates.bytes_s else _PROBE_US)
        finally:
            progress.bytes_in += fetch.bytes_in - bytes_before
        now_us = yield from clock()
        rates.measured(method, self._part.ranges.total - before, now_us - began_us)
        yield from pause(int((now_us - began_us) * (1 / self._download.share - 1)))

    def _fetch(self, method: str) -> FtpFetch | LogDataFetch:
        fetch = self._by_ftp if method == FTP else self._by_requests
        if fetch is None:
            raise MethodFailedError(f"not listed by {method}")
        return fetch

    def _has_grown(self) -> Task[bool]:
        """Whether the log is longer than what is here; the part grows with it."""
        size = yield from self._size_now()
        if size is None or size <= self._part.size:
            return False
        self._part.grow(size)
        self._log = self._log._replace(size=size)
        self._by_requests = None  # its list, and so its end, is as of before
        return True

    def _size_now(self) -> Task[int | None]:
        """As listed again; None where no list names it."""
        if self._log.path is not None:
            folder = self._log.path.rpartition("/")[0]
            try:
                files, _ = yield from self._download.ftp.folder(folder)
            except RefusedError:
                raise LogGoneError(self._log.path) from None
            sizes = [file.size for file in files if file.path == self._log.path]
            if not sizes:
                raise LogGoneError(self._log.path)
            return sizes[0]
        entries = yield from self._download.entries()
        sizes = [entry.size for entry in entries if entry.log_id == self._log.log_id]
        return sizes[0] if sizes else None

    def _is_right(self) -> Task[bool]:
        """Whether the drone reckons the same checksum, where it can be asked."""
        habits = self._download.habits
        if self._log.path is None:
            return True
        if not habits.checks_any_size and self._part.size > _PX4_CHECK_LIMIT:
            return True
        said = yield from self._download.ftp.crc32(self._log.path, self._part.size)
        return said is None or said == self._part.crc32()

    def _leave(self) -> Task[None]:
        """End sessions and transfers of ours."""
        if self._method is not None:
            yield from self._fetch(self._method).close()
