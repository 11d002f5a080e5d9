"""Options that several commands share, and how a command is declared."""

import argparse
from collections.abc import Callable
from pathlib import Path

import msgspec

from windsock.agent.settings import Serial, Settings
from windsock.config.loader import load

EXIT_FAILED = 1

AddCommand = Callable[[str, Callable[[argparse.Namespace], int]], argparse.ArgumentParser]
"""Declares a command by its name and its function, whose docstring is its help."""


def add_logs(command: argparse.ArgumentParser) -> None:
    """Which logs, and whose drone they are of."""
    command.add_argument("logs", nargs="+", type=Path, metavar="PATH", help="log or folder")
    command.add_argument(
        "--drone", metavar="SERIAL", type=_serial, help="the drone, if the log can't say"
    )


def add_positions(command: argparse.ArgumentParser) -> None:
    """How much of a track is kept."""
    command.add_argument(
        "--positions", choices=("coarse", "full", "none"), default="coarse",
        help="how much of the track is kept (default: coarse)",
    )  # fmt: skip


def add_config(command: argparse.ArgumentParser) -> None:
    """The settings, which the command needs."""
    command.add_argument("-c", "--config", type=Path, required=True, help="agent.toml")


def settings_of(options: argparse.Namespace) -> Settings:
    """Load the settings and look at what they name. Raises SettingsError."""
    settings = load(options.config, Settings)
    settings.check(options.config)
    return settings


def _serial(text: str) -> str:
    try:
        return msgspec.convert(text, Serial)
    except msgspec.ValidationError:
        message = f"{text!r} is no serial: 1 to 96 visible ASCII characters, no space"
        raise argparse.ArgumentTypeError(message) from None
