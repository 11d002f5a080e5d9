"""``python -m tests.kills 500``: killed at every commit, and at so many random moments."""

import itertools
import sys
import tempfile
from pathlib import Path

from tests.kills.killing import (
    Left,
    Nursery,
    difference,
    killed_at_commit,
    killed_at_random,
    left_of,
    whole,
)
from tests.servers.mail import MailServer

A_LIFE = 8
"""Random kills in one life."""


def main(moments: int) -> None:
    with tempfile.TemporaryDirectory() as name, MailServer() as mail, Nursery() as nursery:
        folder = Path(name)
        expected, took_s = whole(nursery, folder / "whole", mail)
        lines = len(expected.file.splitlines())
        print(f"a life: {took_s:.1f} s, {len(expected.tables[0])} cases,"
              f" {len(expected.tables[1])} steps, {lines} lines in the file,"
              f" {len(expected.mails)} mails")  # fmt: skip
        for before in (True, False):
            for nth in itertools.count(1):
                place = folder / f"commit-{nth}-{'before' if before else 'after'}"
                if not killed_at_commit(nursery, place, mail.port, nth, before=before):
                    break
                _compare(place, mail, expected)
            print(f"killed {'before' if before else 'after'} each of {nth - 1} commits: the same")
        kills = lives = 0
        while kills < moments:
            lives += 1
            place = folder / f"random-{lives}"
            most = min(A_LIFE, moments - kills)
            kills += killed_at_random(nursery, place, mail.port, took_s / A_LIFE, most)
            _compare(place, mail, expected)
        print(f"killed at {kills} random moments in {lives} lives: the same;"
              f" {len(mail.messages)} mails came, all with the Message-IDs of the first"
              f" {len(expected.mails)}")  # fmt: skip


def _compare(place: Path, mail: MailServer, expected: Left) -> None:
    differs = difference(left_of(place, mail), expected)
    if differs:
        sys.exit(f"{place.name}: {differs}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
