"""``windsock-collector answer CASE KIND``: say something to a case, on the server."""

import argparse
import getpass
import sqlite3

from windsock.collector.answers.answer import ANSWERS, Answer, Answered, apply_answer
from windsock.collector.ledger import transaction
from windsock.collector.roster.cells import moment_us


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command understands; ``-c`` comes with the others."""
    command.add_argument("case", type=int, help="its number, as `cases` and alerts show it")
    command.add_argument("kind", choices=ANSWERS, metavar="KIND", help=", ".join(ANSWERS))
    command.add_argument(
        "--until", type=_moment_us, metavar="DATE",
        help="until when (snooze, pause, repair), or the day on which (sold, retired); UTC",
    )  # fmt: skip
    command.add_argument("--note", default="", help="what was said")
    command.add_argument(
        "--as", dest="actor", default=getpass.getuser(), metavar="EMAIL", help="who says so (you)"
    )


def answer(options: argparse.Namespace, ledger: sqlite3.Connection, now_us: int) -> Answered:
    """Say what *options* say. Raises AnswerError."""
    said = Answer(options.kind, options.until, options.note, options.actor, "command")
    with transaction(ledger):
        return apply_answer(ledger, options.case, said, now_us)


def _moment_us(written: str) -> int:
    try:
        return moment_us(written)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
