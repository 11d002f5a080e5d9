"""Bytes from anywhere, as the text they are, or a sentence about what they are instead. Pure."""

from typing import Final

MOST_BYTES: Final = 16 * 1024 * 1024
"""Larger ones are refused before anything is read of them."""
MOST_ROWS: Final = 200_000
"""The ledger is not kept from others for longer than these take: some seconds."""
_MAGIC: Final = (
    (b"PK\x03\x04", "an Excel workbook or a ZIP archive: save the sheet as CSV, UTF-8"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook: save the sheet as CSV, UTF-8"),
    (b"\x1f\x8b", "compressed with gzip: unpack it first"),
    (b"\x00\x00\xfe\xff", "UTF-32: save it as UTF-8"),
    (b"\xff\xfe\x00\x00", "UTF-32: save it as UTF-8"),
    (b"\xff\xfe", "UTF-16: save it as UTF-8"),
    (b"\xfe\xff", "UTF-16: save it as UTF-8"),
)
_SAMPLE: Final = 4096


class ContentError(ValueError):
    """It can't be read at all; `line` is where, 0: the whole of it."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


def text_of(data: bytes) -> str:
    """*data* as text: UTF-8, with or without a byte order mark. Raises ContentError."""
    if len(data) > MOST_BYTES:
        most = MOST_BYTES // 2**20
        raise ContentError(f"more than {most} MB, which is the most that is taken at once")
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise ContentError(f"this is {what}")
    _refuse_nul(data)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ContentError(_not_utf8(data, error), _line(data, error.start)) from None


def refuse_too_many(text: str) -> None:
    """Raise ContentError where *text* can't have less than too many rows, be it CSV or JSON."""
    if max(text.count("\n"), text.count("},")) > MOST_ROWS:
        raise ContentError(f"more than {MOST_ROWS:,} rows, which are the most taken at once")


def _refuse_nul(data: bytes) -> None:
    place = data.find(b"\0")
    if place < 0:
        return
    sample = data[:_SAMPLE]
    if sample.count(b"\0") * 3 > len(sample):
        raise ContentError(
            "this is UTF-16 without a byte order mark, or no text: save it as UTF-8"
        )
    raise ContentError("has a NUL byte, which no text has", _line(data, place))


def _not_utf8(data: bytes, error: UnicodeDecodeError) -> str:
    return (
        f"not UTF-8: byte 0x{data[error.start]:02X};"
        " this is probably Latin-1 (Windows-1252): save it as UTF-8"
    )


def _line(data: bytes, place: int) -> int:
    return data.count(b"\n", 0, place) + 1
