"""The words of notices, from files that an operator may edit, checked when they are read.

`NAME.txt` holds the lines of one rule's notices, ``key: text``; ``key.variant: text`` stands for
that variant only. `all.txt` holds what they share. The others are the pages they are put on.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final, NamedTuple

from windsock.collector.notify.notice import LABELS, Line
from windsock.collector.notify.values.rules import PLACEHOLDERS
from windsock.config.loader import SettingsError

RULE_FILES: Final = ("all", *PLACEHOLDERS)
PAGES: Final = (
    "notice.txt", "section.txt", "notice.html", "row.html", "section.html", "picture.html",
    "button.html",
)  # fmt: skip
_SUBJECT: Final = "subject"

Texts = dict[str, Template]


class Wording(NamedTuple):
    """Templates: of the lines, by rule and key, and of the pages."""

    lines: dict[str, Texts]
    pages: dict[str, Template]

    def headline(self, rule: str, variant: str, values: Mapping[str, str]) -> str:
        """The subject of a mail."""
        return self._text(rule, _SUBJECT, variant, values)

    def body(self, rule: str, variant: str, values: Mapping[str, str]) -> list[Line]:
        """The lines in their fixed order, without those that have nothing to say."""
        texts = ((key, self._text(rule, key, variant, values)) for key in LABELS)
        return [Line(key, text) for key, text in texts if text]

    def _text(self, rule: str, key: str, variant: str, values: Mapping[str, str]) -> str:
        texts = self.lines["all"] | self.lines[rule]
        template = texts.get(f"{key}.{variant}") or texts.get(key)
        return _filled(template, values) if template else ""


@cache
def load_wording(folder: Path | None) -> Wording:
    """Templates as shipped, each replaced by the one of its name in *folder* if there is one.

    Read once. Raises SettingsError naming file, line and word.
    """
    lines = {name: _read_lines(folder, name) for name in RULE_FILES}
    pages = {name: Template(_read(folder, name)[1]) for name in PAGES}
    for rule, known in PLACEHOLDERS.items():
        for source in ("all", rule):
            _check(f"{source}.txt", lines[source], known)
    return Wording(lines, pages)


def _read(folder: Path | None, name: str) -> tuple[str, str]:
    """Where it stands, and what."""
    edited = folder / name if folder else None
    try:
        if folder and not folder.is_dir():
            raise SettingsError(f"notify.templates: {folder}: no such folder")
        if edited and edited.exists():
            return str(edited), edited.read_text("utf-8")
        return name, (files("windsock.collector.notify") / "templates" / name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"notify.templates: {edited}: {error}") from error


def _read_lines(folder: Path | None, rule: str) -> Texts:
    place, text = _read(folder, f"{rule}.txt")
    texts: Texts = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        key, colon, words = line.partition(":")
        if not colon or key.strip().partition(".")[0] not in {_SUBJECT, *LABELS}:
            expected = ", ".join((_SUBJECT, *LABELS))
            raise SettingsError(f"{place}:{number}: {key.strip()!r}: expected one of {expected}")
        texts[key.strip()] = Template(words.strip())
    return texts


def _check(place: str, texts: Texts, known: frozenset[str]) -> None:
    for key, template in texts.items():
        unknown = set(template.get_identifiers()) - known
        if unknown or not template.is_valid():
            wrong = ", ".join(f"${name}" for name in sorted(unknown)) or "a lone $"
            words = ", ".join(f"${name}" for name in sorted(known))
            raise SettingsError(f"{place}: {key}: {wrong}: expected $$ or one of {words}")


def _filled(template: Template, values: Mapping[str, str]) -> str:
    """Nothing where the words were to hold something, and all of it came out empty."""
    names = template.get_identifiers()
    if names and not any(values.get(name) for name in names):
        return ""
    return _tidy(template.safe_substitute(values))


def _tidy(text: str) -> str:
    """One line: what a name smuggles in can't begin another one or a header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
