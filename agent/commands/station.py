"""Commands of ``windsock-agent`` that look after the station: check, claim, release, setup."""

import argparse
import time
from datetime import datetime

import msgspec
from rich.console import Console

from windsock.agent.clock import system_clock
from windsock.agent.commands.options import EXIT_FAILED, AddCommand, add_config, settings_of
from windsock.agent.drones.met import Drones, noted_at
from windsock.agent.drones.release import duration_s, release
from windsock.agent.install.check import Finding, check
from windsock.agent.install.setup import add_arguments as add_setup
from windsock.agent.install.setup import setup
from windsock.agent.plain_lines import complain
from windsock.agent.settings import Serial, Settings

_NONE_MET = "windsock-agent: no drone was met that could be claimed: is it plugged in?"
_STYLES = {"ok": "green", "note": "yellow", "FAIL": "bold red"}


def add(add_command: AddCommand) -> None:
    """Declare the commands."""
    checking = add_command("check", run_check)
    claiming = add_command("claim", run_claim)
    claiming.add_argument("serial", metavar="SERIAL", help="whose autopilot it is")
    claiming.add_argument("--uid", help="which one, if several drones were met")
    releasing = add_command("release", run_release)
    releasing.add_argument("duration", metavar="30m", help="90s, 30m, 2h; 0 takes them back")
    for command in (checking, claiming, releasing):
        add_config(command)
    add_setup(add_command("setup", run_setup))


def run_check(options: argparse.Namespace) -> int:
    """Find out what is wrong: port, drone, clock, broker, disk."""
    return show_findings(settings_of(options))


def show_findings(settings: Settings) -> int:
    """Print each finding as it comes; 1 if any of them is a failure."""
    console, failed = Console(), False
    for finding in check(settings, system_clock()):
        failed = failed or finding.grade == "FAIL"
        _print(finding, console)
    return EXIT_FAILED if failed else 0


def run_claim(options: argparse.Namespace) -> int:
    """Say that the drone met last, or --uid, is SERIAL: its logs are read from now on."""
    settings = settings_of(options)
    try:
        serial = msgspec.convert(options.serial, Serial)
    except msgspec.ValidationError:
        complain(f"windsock-agent: {options.serial!r} is no serial")
        return EXIT_FAILED
    if not noted_at(settings.state):
        complain(_NONE_MET)
        return EXIT_FAILED
    book = Drones(settings.state, settings.allow)
    found = _claimable(book, options.uid)
    if len(found) != 1:
        for uid in found:
            complain(f"windsock-agent: met {uid}: claim it with --uid {uid}")
        if not found:
            complain(_NONE_MET)
        return EXIT_FAILED
    book.claim(found[0], serial)
    Console().print(f"{found[0]} is {serial}.", highlight=False)
    return 0


def _claimable(book: Drones, uid: str | None) -> list[str]:
    """The one that was named, or all that were met and aren't anybody's."""
    met = book.met()
    if uid is not None:
        return [one.drone_uid for one in met if one.drone_uid == uid]
    return [one.drone_uid for one in met if one.serial is None]


def run_release(options: argparse.Namespace) -> int:
    """Let go of all ports for a while, for a firmware update or a ground station."""
    settings = settings_of(options)
    try:
        seconds = duration_s(options.duration)
    except ValueError as error:
        complain(f"windsock-agent: {error}")
        return EXIT_FAILED
    until_us = time.time_ns() // 1000 + seconds * 1_000_000 if seconds else 0
    release(settings.state, until_us)
    until = datetime.fromtimestamp(until_us / 1e6).astimezone()
    words = f"The ports are free until {until:%H:%M}." if seconds else "The ports are ours again."
    Console().print(words, highlight=False)
    return 0


def run_setup(options: argparse.Namespace) -> int:
    """Write agent.toml, install the service and the udev rule, and check it all."""
    settings = setup(options, Console())
    return EXIT_FAILED if settings is None else show_findings(settings)


def _print(finding: Finding, console: Console) -> None:
    style = _STYLES[finding.grade]
    words = f"[{style}]{finding.grade:<4}[/] {finding.about}: "
    console.print(words, end="", highlight=False)
    console.print(finding.words, markup=False, highlight=False, soft_wrap=True)
