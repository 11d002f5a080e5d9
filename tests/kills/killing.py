"""Lives that are killed, and what is left of them against a life that was not."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple, Self

from tests.collector.checkpoints import packed_wrong
from tests.collector.world import World
from tests.servers.mail import MailServer

_TABLES = (
    "SELECT * FROM cases ORDER BY id",
    "SELECT case_id, at_us, transition, actor, news, decision, detail FROM case_events"
    " ORDER BY id",
    "SELECT flight_id, ticket, state, case_id, answered_by FROM incidents ORDER BY id",
    "SELECT flight_id, verdict FROM verdicts ORDER BY id",
    "SELECT key, notice, state, case_id FROM outbox ORDER BY id",
    "SELECT case_id, at_us, actor, answer, until_us FROM answers ORDER BY id",
    "SELECT case_id, flew_again FROM outcomes ORDER BY case_id",
    "SELECT * FROM calls ORDER BY id",
    "SELECT call_id, case_id FROM call_cases ORDER BY 1, 2",
    "SELECT csm, kind, day, made_us, cases FROM digests ORDER BY 1, 2, 3",
    "SELECT subject, from_us, until_us FROM pauses",
)


class Left(NamedTuple):
    """All that anybody can see of a life."""

    tables: list[list[dict[str, object]]]
    file: bytes
    mails: list[tuple[str, str]]
    """Message-ID without the sender's domain, and recipient, each once."""


class Nursery:
    """Lives in processes of their own."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kills.nursery"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def live(self, folder: Path, port: int, nth: int = 0, *, before=False, kill_after_s=None):
        """One life in *folder*; True if it came to its end, False if it was killed on the way."""
        asked = {"folder": str(folder), "port": port, "nth": nth, "before": before}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        child = int(self._process.stdout.readline())
        if kill_after_s is not None:
            timer = threading.Timer(kill_after_s, _kill, [child])
            timer.start()
        status = int(self._process.stdout.readline())
        if kill_after_s is not None:
            timer.cancel()
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            return False
        assert status == 0, f"a life in {folder} ended with {status}"
        return True


def left_of(folder: Path, mail: MailServer) -> Left:
    """What the lives in *folder* left behind; what is packed of it is as its rows are."""
    world = World(folder / "ledger")
    tables = [world.rows(query) for query in _TABLES]
    assert packed_wrong(world.ledger) == [], f"a checkpoint that differs from {folder}'s rows"
    world.ledger.close()
    mails = [
        (message["Message-ID"].strip().rpartition("@")[0], message["To"])
        for message in list(mail.messages)
        if f"@{folder.name}.example>" in message["Message-ID"]
    ]
    return Left(tables, (folder / "notices.jsonl").read_bytes(), sorted(set(mails)))


def difference(left: Left, expected: Left) -> str:
    """The first thing that differs, in words; nothing if nothing does."""
    for query, found, wanted in zip(_TABLES, left.tables, expected.tables, strict=True):
        for one, other in zip_longest(found, wanted):
            if one != other:
                return f"{query}:\n{one}\nexpected\n{other}"
    if left.file != expected.file:
        return f"the file: {left.file!r}\nexpected\n{expected.file!r}"
    return "" if left.mails == expected.mails else f"{left.mails}\nexpected\n{expected.mails}"


def killed_at_commit(nursery: Nursery, folder: Path, port: int, nth: int, *, before: bool) -> bool:
    """Die at the commit *nth*, then go on; False: there are not so many."""
    folder.mkdir()
    died = not nursery.live(folder, port, nth, before=before)
    if died:
        assert nursery.live(folder, port)
    return died


def killed_at_random(nursery: Nursery, folder: Path, port: int, mean_s: float, most: int) -> int:
    """Kill at random moments, *mean_s* apart, at most so often; how often that was."""
    folder.mkdir()
    kills = 0
    while not nursery.live(
        folder, port,
        kill_after_s=random.expovariate(1 / mean_s) if kills < most else None,
    ):  # fmt: skip
        kills += 1
    return kills


def whole(nursery: Nursery, folder: Path, mail: MailServer) -> tuple[Left, float]:
    """A life that nobody kills, and how long it took."""
    folder.mkdir()
    began_s = time.monotonic()
    assert nursery.live(folder, mail.port)
    return left_of(folder, mail), time.monotonic() - began_s


def _kill(child: int) -> None:
    """It may have ended just now; its id is its own until its parent, the nursery, has looked."""
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
