"""The rules to judge by again: a TOML file that says only what is to be otherwise."""

import dataclasses
import tomllib
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from windsock.collector.detect.crash import CrashRule
from windsock.collector.settings import Judge, Settings, Sight, Software
from windsock.config.loader import SettingsError, load
from windsock.config.values import Group

Table = TypeVar("Table", bound=Group)


class Rules(NamedTuple):
    """What is judged by: settings, and the thresholds of crashes."""

    settings: Settings
    crash: CrashRule = CrashRule()


class _File(Group, frozen=True, kw_only=True):
    """The tables of ``collector.toml`` that rules are in, and ``[crash]``."""

    judge: Judge = Judge()
    sight: Sight = Sight()
    software: Software = Software()
    crash: dict[str, float] = msgspec.field(default_factory=dict)
    """Thresholds of `detect.crash.CrashRule` by name."""


def load_rules(path: Path, settings: Settings) -> Rules:
    """*settings* and the shipped thresholds, but for what the file at *path* says.

    Raises SettingsError with file and key.
    """
    file = load(path, _File)
    given = tomllib.loads(path.read_text("utf-8"))
    changed = msgspec.structs.replace(
        settings,
        judge=_overlaid(settings.judge, file.judge, given.get("judge", {})),
        sight=_overlaid(settings.sight, file.sight, given.get("sight", {})),
        software=_overlaid(settings.software, file.software, given.get("software", {})),
    )
    return Rules(changed, _crash(path, file.crash))


def _overlaid(table: Table, file: Table, given: dict[str, Any]) -> Table:
    return msgspec.structs.replace(table, **{key: getattr(file, key) for key in given})


def _crash(path: Path, given: dict[str, float]) -> CrashRule:
    names = [field.name for field in dataclasses.fields(CrashRule)]
    for key in given:
        if key not in names:
            raise SettingsError(f"{path}: crash.{key}: no such threshold; there are {names}")
    return dataclasses.replace(CrashRule(), **given)
