"""Ports while the disk takes nothing: the drone is left in peace, and it is said."""

import sqlite3
import threading

import pytest

from windsock.agent.clock import Clock
from windsock.agent.drones.links import Links
from windsock.agent.settings import Link, Settings
from windsock.agent.spool import Identity

S = 1_000_000
PORT = "tcp:127.0.0.1:5760"


class Station:
    def __init__(self, folder, error):
        self.now_us, self.opened = 0, 0
        settings = Settings(agent="a", state=folder, link=(Link(port=PORT),))
        clock = Clock(lambda: self.now_us, lambda: self.now_us, "boot")
        self.links = Links(settings, Identity("a", "0"), clock, threading.Event())
        self.links._desk = lambda: self.fail(error)

    def fail(self, error):
        self.opened += 1
        raise error

    def after(self, seconds):
        """How often the port was tried by now."""
        self.now_us = seconds * S
        self.links._look()
        for thread in self.links._threads.values():
            thread.join()
        return self.opened


def full():
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return error


@pytest.mark.parametrize("error", [full(), OSError(28, "No space left on device")])
def test_a_full_disk_is_said_and_the_port_is_tried_each_minute(tmp_path, error):
    station = Station(tmp_path, error)

    tried = [station.after(seconds) for seconds in (0, 4, 30, 59, 60, 90, 120)]

    assert tried == [1, 1, 1, 1, 2, 2, 3]
    assert station.links.failed is None
    assert station.links.troubles.told() == [f"{PORT}: the disk is full"]
    (state,) = station.links.report()
    assert state.state == "can't keep what it says: the disk is full"


def test_a_bug_ends_the_service(tmp_path):
    station = Station(tmp_path, sqlite3.OperationalError("no such table: drones"))

    station.after(0)

    assert "no such table" in str(station.links.failed)
    assert station.links.stop.is_set()
