"""Texts that differ in a single bit: how memory cards and cables damage them."""

from collections.abc import Iterator


def one_bit_away(letter: str) -> list[str]:
    """Return the eight characters of which one bit differs."""
    return [chr(ord(letter) ^ 1 << bit) for bit in range(8)]


def texts_one_bit_away(text: str) -> Iterator[str]:
    """Yield every text of which one bit of one character differs."""
    for place, letter in enumerate(text):
        for other in one_bit_away(letter):
            yield text[:place] + other + text[place + 1 :]


def one_bit_apart(one: str, other: str) -> bool:
    """Tell whether two texts of equal length differ in at most one bit."""
    if one == other or len(one) != len(other):
        return one == other
    pairs = zip(one, other, strict=True)
    return sum((ord(this) ^ ord(that)).bit_count() for this, that in pairs) <= 1
