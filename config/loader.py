"""Settings from a TOML file, checked before anything else happens."""

import math
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import inspect

Settings = TypeVar("Settings")


class SettingsError(Exception):
    """The settings can't be used: file, key, and what was expected there."""


def load(path: Path, kind: type[Settings]) -> Settings:
    """The settings in *path* as *kind*, a msgspec Struct that forbids unknown fields.

    Raises SettingsError with file, key and expectation; relative paths in settings are relative
    to the working directory.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {_reason(error)}") from error
    try:
        table = tomllib.loads(text)
        _check_numbers(path, table)
        return msgspec.convert(table, kind, strict=True, dec_hook=_decode)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise SettingsError(f"{path}: {_located(str(error), kind)}") from error


def secret(path: Path, key: str) -> str:
    """The first line of a file that holds a secret, named by settings key *key*."""
    try:
        return path.read_text("utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{key} = {str(path)!r}: {_reason(error)}") from error


def _check_numbers(path: Path, value: object, key: str = "") -> None:
    """TOML has inf and nan; no setting has."""
    if isinstance(value, float) and not math.isfinite(value):
        raise SettingsError(f"{path}: {key}: expected a finite number, got {value}")
    if isinstance(value, dict):
        for name, part in value.items():
            _check_numbers(path, part, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            _check_numbers(path, part, f"{key}[{index}]")


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "not UTF-8 text"


def _decode(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str) and value:
        return Path(value)
    raise TypeError(
        f"Expected a path, got `{type(value).__name__}`" if value else "Expected a path"
    )


def _located(message: str, kind: type) -> str:
    """``Expected `int`, got `str` - at `$.a.b``` as ``a.b: expected `int`, got `str```."""
    what, _, where = message.partition(" - at ")
    key = where.strip("`").removeprefix("$").removeprefix(".")
    unknown = re.search(r"unknown field `([^`]+)`", what)
    if unknown:
        return f"{f'{key}.' if key else ''}{unknown[1]}: no such setting"
    if what.startswith("Invalid enum value"):
        what = f"expected {_choices(kind, key)}, got {what.rpartition(' ')[2]}"
    return f"{key}: {what[0].lower()}{what[1:]}" if key else what


def _choices(kind: type, key: str) -> str:
    """The words that setting *key* may be."""
    info: inspect.Type = inspect.type_info(kind)
    for name in re.sub(r"\[\d*\.*\]", "", key).split("."):
        fields = next(_structs(info)).fields
        info = next(field.type for field in fields if field.encode_name == name)
    words = info.values if isinstance(info, inspect.LiteralType) else ()
    return " or ".join(f'"{word}"' for word in words)


def _structs(info: inspect.Type) -> Iterator[inspect.StructType]:
    """The Struct that *info* is, or may be, or is made of."""
    if isinstance(info, inspect.StructType):
        yield info
    parts = info.types if isinstance(info, inspect.UnionType) else ()
    for part in (info.item_type,) if isinstance(info, inspect.VarTupleType) else parts:
        yield from _structs(part)
