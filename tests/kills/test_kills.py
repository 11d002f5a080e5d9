"""Killed for real, at random moments: nothing lost, nothing told twice. `make kills` does more."""

import pytest

from tests.kills.killing import (
    Nursery,
    difference,
    killed_at_commit,
    killed_at_random,
    left_of,
    whole,
)
from tests.servers.mail import MailServer

pytestmark = pytest.mark.e2e
COMMITS = (2, 9, 31, 47)
KILLS = 6


def test_a_life_that_is_killed_ends_like_one_that_is_not(tmp_path):
    with MailServer() as mail, Nursery() as nursery:
        expected, took_s = whole(nursery, tmp_path / "whole", mail)
        assert len(expected.file.splitlines()) == len(expected.mails) == 25

        for nth in COMMITS:
            folder = tmp_path / f"commit-{nth}"
            assert killed_at_commit(nursery, folder, mail.port, nth, before=bool(nth % 2))
            assert difference(left_of(folder, mail), expected) == ""
        folder = tmp_path / "random"
        killed_at_random(nursery, folder, mail.port, took_s / KILLS, KILLS)
        assert difference(left_of(folder, mail), expected) == ""
