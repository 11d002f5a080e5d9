"""JSON objects as records with the lines they begin in: an array of them, or one after another.

The standard library's decoder, as it alone tells where a value ends: so line numbers are right.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final, NoReturn

from windsock.collector.outside.reading import ContentError
from windsock.collector.roster.sheet import Record, Sheet

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_MOST_BROKEN: Final = 100
"""Objects that are not JSON; then it is something else. To name one takes a look at all before."""
_NO_FURTHER: Final = "; nothing after it was read"
_NEXT_OBJECT: Final = re.compile(r"\n[ \t]*(?=\{)")


def looks_like_json(text: str) -> bool:
    """A CSV header begins with neither."""
    return text.lstrip()[:1] in ("[", "{")


def json_records(text: str, sheet: Sheet) -> Iterator[Record]:
    """The objects in *text*; what is wrong with one is noted in *sheet*, and the others come.

    After what is not JSON, reading goes on with the next line that begins with ``{``; within an
    array it ends there.
    """
    place = _SPACE.match(text).end()  # type: ignore[union-attr]  # it matches anything
    array = text[place : place + 1] == "["
    walk = _Walk(text, sheet)
    yield from walk.array(place + 1) if array else walk.sequence(place)


class _Walk:
    """From object to object, with the line we are in."""

    def __init__(self, text: str, sheet: Sheet) -> None:
        self._text = text
        self._sheet = sheet
        self._line = 1
        self._counted = 0

    def sequence(self, place: int) -> Iterator[Record]:
        broken = 0
        while place < len(self._text):
            line = self._line_at(place)
            try:
                value, place = _decoded(self._text, place)
            except ValueError as error:
                broken += 1
                last = broken == _MOST_BROKEN
                self._sheet.refuse(line, [("", f"{error}{_NO_FURTHER if last else ''}")])
                following = _NEXT_OBJECT.search(self._text, place)
                if last or not following:
                    return
                place = following.end()
                continue
            yield from self._record(line, value)
            place = self._skip(place)

    def array(self, place: int) -> Iterator[Record]:
        place = self._skip(place)
        while self._text[place : place + 1] != "]":
            line = self._line_at(place)
            try:
                value, place = _decoded(self._text, place)
                place = self._after(place)
            except ValueError as error:
                self._sheet.refuse(line, [("", f"{error}{_NO_FURTHER}")])
                return
            yield from self._record(line, value)
        rest = self._skip(place + 1)
        if rest < len(self._text):
            self._sheet.note(self._line_at(rest), "", "something stands after the array")

    def _after(self, place: int) -> int:
        """Past the comma; the place of a bracket that closes."""
        place = self._skip(place)
        if self._text[place : place + 1] == "]":
            return place
        if self._text[place : place + 1] != ",":
            raise ContentError("expected a comma or ] after the object")
        place = self._skip(place + 1)
        if self._text[place : place + 1] == "]":
            raise ContentError("expected an object after the comma")
        return place

    def _record(self, line: int, value: object) -> Iterator[Record]:
        if not isinstance(value, dict):
            self._sheet.refuse(line, [("", "expected an object with a value for each column")])
            return
        wrong = [(name, "expected text, a number, true, false or null")
                 for name, one in value.items() if isinstance(one, dict | list)]  # fmt: skip
        if wrong:
            self._sheet.refuse(line, wrong[:5])
        else:
            yield Record(line, {name: _text(one) for name, one in value.items()})

    def _skip(self, place: int) -> int:
        return _SPACE.match(self._text, place).end()  # type: ignore[union-attr]  # it matches anything

    def _line_at(self, place: int) -> int:
        """Places only rise."""
        self._line += self._text.count("\n", self._counted, place)
        self._counted = place
        return self._line


def _text(value: object) -> str:
    """As a CSV cell would have it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ContentError(f"the key {twice[:40]!r} is there twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ContentError(f"{name} is no number")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant)


def _decoded(text: str, place: int) -> tuple[object, int]:
    """The value at *place*, and where it ends. Raises ValueError with what is wrong."""
    try:
        return _DECODER.raw_decode(text, place)
    except json.JSONDecodeError as error:
        raise ContentError(f"not JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise ContentError("not JSON that is meant: nested too deep") from None
