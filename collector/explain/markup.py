"""Text from logs into HTML: names, messages and versions are whatever somebody wrote. Pure."""

import html
import re
import unicodedata
from typing import Final

_ANSI: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
"""Colours of a terminal: PX4 logs them with its messages."""
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode's control, format, surrogate and unassigned characters: some reverse what follows."""
LONGEST: Final = 1024


def text(value: object) -> str:
    """The value for a page's text: visible characters only, escaped, cut where nobody reads on."""
    return html.escape(_visible(str(value)[:LONGEST]), quote=True)


def _visible(plain: str) -> str:
    if plain.isascii() and plain.isprintable():
        return plain
    shown = _ANSI.sub("", plain)
    return "".join(" " if unicodedata.category(one) in _UNSEEN else one for one in shown)


def tag(name: str, content: str, **attributes: object) -> str:
    """One element around markup that is already escaped; ``class_`` is the attribute class.

    Attributes are escaped here, None leaves one out.
    """
    return f"<{name}{_attributes(attributes)}>{content}</{name}>"


def void(name: str, **attributes: object) -> str:
    """One element without content, of SVG."""
    return f"<{name}{_attributes(attributes)}/>"


def _attributes(attributes: dict[str, object]) -> str:
    return "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(_visible(str(value)), quote=True)}"'
        for name, value in attributes.items()
        if value is not None
    )
