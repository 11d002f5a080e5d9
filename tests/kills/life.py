"""The collector's cases over a month, as steps that a process can be killed in and go on from.

A step brings what arrives by its moment, what people answer, and one round of the collector. Each
can be repeated, as a real collector repeats it after it was killed: nothing arrives twice.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.collector.cases.told import survey, tell, ticket
from tests.collector.judged import CRASH, FINE, HARD
from tests.collector.world import DAY, HOUR, T0, World
from windsock.collector.answers.answer import Answer, AnswerKind, apply_answer
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import transaction
from windsock.collector.rounds import Rounds
from windsock.collector.settings import Day, File, Judge, Notify, Settings, Smtp

STEP_FILE = "step"


class Step(NamedTuple):
    """What happens by *now_us*."""

    now_us: int
    does: Callable[[World], None] = lambda _: None


def _fly(n: int, start_us: int, facts: dict[str, float]) -> Callable[[World], None]:
    def arrive(world: World) -> None:
        log = f"{n:02d}{start_us:030d}"
        if not world.rows("SELECT 1 FROM flights WHERE log_id = ?", log):
            world.flight(start_us, uid=f"px4:0{n}", facts=facts, log=log)

    return arrive


def _answer(
    rule: str, subject: str, kind: AnswerKind, now_us: int, until_us: int | None = None
) -> Callable[[World], None]:
    """To the newest case; said again by whoever does not know that it was said."""

    def say(world: World) -> None:
        with transaction(world.ledger) as ledger:
            (case,) = ledger.execute(
                "SELECT max(id) FROM cases WHERE rule = ? AND subject = ?", (rule, subject)
            ).fetchone()
            apply_answer(ledger, case, Answer(kind, until_us, "", "anna@maker", "link"), now_us)

    return say


def _all(*does: Callable[[World], None]) -> Callable[[World], None]:
    def act(world: World) -> None:
        for one in does:
            one(world)

    return act


def _begin(world: World) -> None:
    world.roster(
        "D1,px4:01,Acme,Dealer,Anna,anna@maker", "D2,px4:02,Acme", "D3,px4:03,Beta,,Bob,bob@maker",
        "D4,px4:04,Cato",
    )  # fmt: skip
    world.online(T0 - 30 * DAY, T0 + 60 * DAY)
    for n in (3, 4):
        _fly(n, T0 - DAY, FINE)(world)


def _tickets(*names: str) -> Callable[[World], None]:
    """Tickets of D1, one a day."""
    return _all(*(
        lambda world, name=name: ticket(world, name, T0 + int(name[1:]) * DAY) for name in names
    ))  # fmt: skip


def _survey(name: str, day: int) -> Callable[[World], None]:
    return lambda world: survey(world, name, 3, T0 + day * DAY, account="Beta")


def _cover(world: World) -> None:
    tell(world, "cover", "csm,from,until,substitute",
         "anna@maker,2026-01-12,2026-01-20,bob@maker")  # fmt: skip


MORNING = 9 * HOUR
STEPS = (
    Step(T0 + HOUR, _begin),
    Step(T0 + 2 * HOUR, _all(_fly(1, T0, CRASH), _fly(2, T0, CRASH), _fly(4, T0, CRASH))),
    Step(T0 + 3 * HOUR, _fly(2, T0 + HOUR, FINE)),  # withdrawn
    Step(T0 + 4 * HOUR, _answer("X1", "D1", "acknowledge", T0 + 4 * HOUR)),
    Step(T0 + DAY + MORNING, _fly(3, T0 + DAY, HARD)),
    Step(T0 + 4 * DAY + MORNING, _tickets("T0", "T2")),
    Step(T0 + 5 * DAY + MORNING, _tickets("T5", "T6")),  # the third critical incident
    Step(T0 + 5 * DAY + 10 * HOUR,
         _answer("D2", "D1", "snooze", T0 + 5 * DAY + 10 * HOUR, T0 + 12 * DAY)),
    Step(T0 + 6 * DAY + MORNING, _all(_survey("S1", 3), _survey("S2", 5))),
    Step(T0 + 7 * DAY, _answer("C4", "Beta", "done", T0 + 7 * DAY)),
    Step(T0 + 11 * DAY + HOUR, _all(_cover, _tickets("T7"))),
    Step(T0 + 12 * DAY + HOUR),  # the snooze is over, and Bob stands in
    Step(T0 + 13 * DAY + MORNING, _answer("X1", "D1", "confirmed", T0 + 13 * DAY + HOUR)),
    Step(T0 + 31 * DAY + MORNING, _survey("S3", 31)),
    Step(T0 + 32 * DAY, _answer("D1a", "D4", "pause", T0 + 32 * DAY, T0 + 50 * DAY)),
    Step(T0 + 33 * DAY + MORNING, _fly(3, T0 + 33 * DAY, FINE)),
    Step(T0 + 51 * DAY + MORNING),  # the pause is over
)  # fmt: skip


def settings_of(folder: Path, port: int) -> Settings:
    """Mail and a file; each life has a sender of its own."""
    smtp = Smtp(host="127.0.0.1", port=port, security="plain",
                sender=f"windsock@{folder.name}.example")  # fmt: skip
    return Settings(
        judge=Judge(required=("csm",)),
        day=Day(),
        notify=Notify(
            support="support@maker", smtp=smtp, file=File(path=folder / "notices.jsonl")
        ),
    )


class Mortal:
    """A ledger whose process dies at its nth commit, just before or just after it."""

    def __init__(self, ledger, nth: int, *, before: bool):
        self._ledger, self._left, self._before = ledger, nth, before

    def execute(self, sql, *values):
        if sql != "COMMIT":
            return self._ledger.execute(sql, *values)
        self._left -= 1
        if self._left == 0 and self._before:
            _die()
        done = self._ledger.execute(sql)
        if self._left == 0:
            _die()
        return done

    def __getattr__(self, name):
        return getattr(self._ledger, name)


def live(folder: Path, port: int, nth: int = 0, *, before: bool = False) -> None:
    """Go on from the step that the last life in *folder* was at; die at commit *nth*, if any."""
    settings, world = settings_of(folder, port), World(folder / "ledger")
    if nth:
        world.ledger = Mortal(world.ledger, nth, before=before)
    rounds = Rounds(settings, world.ledger, Telemetry(world.ledger, None))
    at = os.open(folder / STEP_FILE, os.O_RDWR | os.O_CREAT)
    for number in range(os.pread(at, 1, 0)[0] if os.fstat(at).st_size else 0, len(STEPS)):
        os.pwrite(at, bytes([number]), 0)
        STEPS[number].does(world)
        rounds.make(STEPS[number].now_us)
    world.ledger.close()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
