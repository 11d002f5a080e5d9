"""Answers to surveys: customer effort (CES, 1 to 7) and recommendation (NPS, 0 to 10).

The scale is asked for, as a CES of 5 means little without it; others than these are refused, as
rule C4 reads 1 to 5 of 7 as low.
"""

from typing import Any, Final

from windsock.collector.outside.kind import Intake, Kind, Wrong, agreeing, merged, warn_of_unknown
from windsock.collector.roster import cells
from windsock.collector.roster.sheet import Sheet, SheetRow

_RANGES: Final = {"CES": (1, 7), "NPS": (0, 10)}
_HIGH_CES: Final = 5
"""DESIGN: C4. If none was ever above it, the scale may be the other way round."""


def scale(text: str) -> int:
    """``7`` or ``1-7``: the highest score."""
    low, dash, high = text.replace(" ", "").replace("\N{EN DASH}", "-").rpartition("-")
    if not high.isdecimal() or (dash and not low.isdecimal()) or (low, high) == ("7", "1"):
        raise ValueError(f"expected the scale, such as 1-7 or 0-10, got {text!r}")
    return _whole(high)


def score(text: str) -> int:
    """A whole number."""
    if not text.removesuffix(".0").isdecimal():
        raise ValueError(f"expected a whole number, got {text!r}")
    return _whole(text.removesuffix(".0"))


def _whole(text: str) -> int:
    return int(text[:9])


def _wrong_with(row: SheetRow) -> Wrong:
    kind = str(row.cells["kind"])
    lowest, highest = _RANGES[kind]
    if row.cells["scale"] != highest:
        return [("scale", f"expected {lowest}-{highest}, which {kind} is read on")]
    if not lowest <= int(str(row.cells["score"])) <= highest:
        return [("score", f"expected {lowest} to {highest}, got {row.cells['score']}")]
    return []


def _store(intake: Intake, sheet: Sheet) -> None:
    sheet.weed(_wrong_with)
    agreeing(sheet, ("survey",))
    for row in sheet.rows:
        merged(intake.ledger, "surveys", "survey", _row(row, intake.source), {})
    warn_of_unknown(intake, sheet, "account")
    if any(row.cells["kind"] == "CES" for row in sheet.rows):
        _warn_of_scale(intake, sheet)


def _row(row: SheetRow, source: str) -> dict[str, Any]:
    said = {name: row.cells[name] for name in ("survey", "account", "kind", "score", "scale")}
    return said | {"answered_us": row.cells["answered"], "source": source}


def _warn_of_scale(intake: Intake, sheet: Sheet) -> None:
    """Raised until it no longer holds (DESIGN: C4)."""
    high = intake.ledger.execute(
        "SELECT 1 FROM surveys WHERE kind = 'CES' AND score > ? LIMIT 1", (_HIGH_CES,)
    ).fetchone()
    if not high:
        sheet.warn(0, "score", f"no CES above {_HIGH_CES} was ever imported: is 7 the best score,"
                   " and is the scale really 1 to 7?")  # fmt: skip


SURVEYS: Final = Kind(
    name="surveys",
    about="what customers answered to surveys",
    columns={
        "survey": str,
        "account": str,
        "kind": lambda text: cells.one_of("ces", "nps")(text).upper(),
        "score": score,
        "scale": scale,
        "answered": cells.moment_us,
    },
    needed=("survey", "account", "kind", "score", "scale", "answered"),
    store=_store,
)
