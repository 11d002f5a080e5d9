"""What is left of a text or of JSON once some names are taken out. Pure."""

import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec

FORGOTTEN: Final = "(forgotten)"
_LEAST: Final = 3
"""Shorter names are only seen where nothing else stands: a customer may be called A."""


class Names:
    """Names, whatever their case, as whole words."""

    def __init__(self, names: Iterable[str]) -> None:
        self.all = sorted({name for name in names if name}, key=len, reverse=True)
        self._whole = {name.casefold() for name in self.all}
        long = [re.escape(name) for name in self.all if len(name) >= _LEAST]
        self._within = re.compile(rf"(?<!\w)(?:{'|'.join(long)})(?!\w)", re.IGNORECASE)
        self._any = bool(long)

    def in_text(self, text: str) -> bool:
        """True where *text* is one of them, or has one in it."""
        if text.casefold() in self._whole:
            return True
        return self._any and self._within.search(text) is not None

    def out_of(self, text: str) -> str:
        """*text* with something else in their place."""
        if text.casefold() in self._whole:
            return FORGOTTEN
        return self._within.sub(FORGOTTEN, text) if self._any else text

    def out_of_cell(self, cell: str) -> str:
        """Text or JSON: of lists, what has one of them goes; elsewhere it is replaced."""
        if cell[:1] in ("{", "["):
            try:
                kept = self._left(msgspec.json.decode(cell))
                return msgspec.json.encode(kept).decode()
            except msgspec.DecodeError:
                pass
        return self.out_of(cell)

    def _left(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, str):
            return self.out_of(value)
        if isinstance(value, list):
            return [self._left(item) for item in value if not self._goes(item)]
        if isinstance(value, dict):
            return {key: self._left(item) for key, item in value.items()
                    if not self.in_text(key)}  # fmt: skip
        return value

    def _goes(self, item: Any) -> bool:  # noqa: ANN401 - JSON
        """Of a list: a name, something that is of one, or a part that tells of one."""
        if isinstance(item, str):
            return self.in_text(item)
        if isinstance(item, dict):
            return any(map(self._tells, item.values()))
        return isinstance(item, list) and any(map(self._tells, item))

    def _tells(self, item: Any) -> bool:  # noqa: ANN401 - JSON
        if isinstance(item, str):
            return self.in_text(item)
        return isinstance(item, list) and any(map(self._goes, item))
