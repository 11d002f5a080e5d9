"""What would bring back what was forgotten: files of ours, and HubSpot."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from windsock.collector.forget.mentions import Names
from windsock.collector.outside.files import content, files_in, source_of
from windsock.collector.settings import Settings

_ESCAPED: Final = re.compile(r"\\u([0-9a-fA-F]{4})")
"""As JSON may have letters of a name."""


def comes_back(settings: Settings, names: Names) -> Iterator[str]:
    """A sentence for each line that would, and for what can't be looked into."""
    for path in (settings.roster, settings.releases, settings.update_mails):
        if path:
            yield from _of_file(path, names)
    if settings.outside.folder:
        yield from _of_folder(settings.outside.folder, names)
    if settings.hubspot:
        yield "HubSpot brings back what it still has once that changes: delete it there, too."


def _of_folder(folder: Path, names: Names) -> Iterator[str]:
    try:
        found = [path for path, kind in files_in(folder) if kind is not None]
    except OSError as error:
        yield _unread(folder, error)
        return
    for path in found:
        yield from _of_file(path, names)


def _of_file(path: Path, names: Names) -> Iterator[str]:
    try:
        text = content(path).decode("utf-8", "replace")
    except OSError as error:
        yield _unread(path, error)
        return
    for number, line in enumerate(text.split("\n"), 1):
        if names.in_text(line) or names.in_text(_plain(line)):
            yield (
                f"{source_of(path)}:{number} names it and brings it back"
                " when the file is taken next: take it out."
            )


def _plain(line: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), line)


def _unread(path: Path, error: OSError) -> str:
    return f"{source_of(path)}: {error.strerror or error}; it may name it and bring it back."
