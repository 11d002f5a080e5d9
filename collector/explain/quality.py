"""How good the data are that a verdict rests on, in words. Pure."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from windsock.collector.explain.judged import Judged
from windsock.collector.explain.quantities import number, plural, size, span
from windsock.collector.explain.reading import Reading
from windsock.protocol.facts import FACTS
from windsock.protocol.messages import Utc

_SHOCK_HZ: Final = 50.0
"""Below it a shock of 10 ms falls between two samples as often as not."""
_DATED: Final = "_boot_s"
_EVENTFUL: Final = {
    "disarm_height_m", "below_wanted_m", "full_thrust_sinking_s", "return_away_s",
    "return_away_m", "failsafe_landing_m",
}  # fmt: skip
"""Measured only where it was stopped in the air, held a height, was called back or forced down."""
_TIMES: Final = {
    "gps": "UTC is from GPS",
    "boot_utc": "UTC is from the autopilot's own clock",
    "list_date": "UTC is guessed from the date in the autopilot's list of logs",
    "mtime": "UTC is guessed from the date of the file",
    "station": "UTC is guessed from the station's clock",
    "none": "Nothing tells the date of this flight",
}


class Note(NamedTuple):
    """One property of the data; `good` False for what makes a verdict weaker, None for neither."""

    good: bool | None
    about: str


def log_notes(reading: Reading) -> Iterator[Note]:
    """Of the whole log: completeness, damage, gaps, simulation."""
    record = reading.record
    if record.partial:
        seen, whole = size(record.bytes_seen), size(record.size_bytes)
        yield Note(False, f"Only a part of the log was read: {seen} of {whole}.")
    if record.damaged_bytes:
        share = 100 * record.damaged_bytes / max(record.bytes_seen, 1)
        damaged = size(record.damaged_bytes)
        yield Note(False, f"{damaged} of the log ({share:.2g} %) are damaged and were left out.")
    else:
        yield Note(True, f"The whole log was read without damage ({size(record.size_bytes)}).")
    yield _dropouts(reading)
    if record.simulated:
        yield Note(None, "This flight took place in a simulator.")


def _dropouts(reading: Reading) -> Note:
    if reading.record.format != "ulog":
        return Note(None, "This format does not record what the logger lost.")
    lost = [one.duration_s for one in reading.dropouts]
    if not lost:
        return Note(True, "The logger lost nothing.")
    longest = f"{span(sum(lost))} in all, {span(max(lost))} at the longest"
    return Note(False, f"The logger lost data {plural(len(lost), 'time')}: {longest}.")


def flight_notes(one: Judged) -> Iterator[Note]:
    """Of one flight: its date, the rates of what a verdict needs, and what is missing."""
    yield _dated(one.flight.start)
    facts = one.flight.facts
    for fact, name in (("attitude_hz", "Attitude"), ("height_hz", "Height")):
        rate = facts.get(fact)
        measured = (
            "was not logged" if rate is None else f"was logged {number(rate)} times a second"
        )
        yield Note(rate is not None, f"{name} {measured}.")
    yield _force(facts.get("force_hz"))
    missing = [fact.about for fact in FACTS if fact.name not in facts and _stands_alone(fact.name)]
    if missing:
        yield Note(None, f"Not in this log, or not in this flight: {'; '.join(missing)}.")


def _stands_alone(name: str) -> bool:
    """False for what is missing whenever something did not happen, as its time is."""
    return not name.endswith((_DATED, "_hz")) and name not in _EVENTFUL


def _dated(start: Utc) -> Note:
    said = _TIMES[start.quality]
    if start.us is not None and start.earliest_us is not None and start.latest_us is not None:
        within = span(max(start.us - start.earliest_us, start.latest_us - start.us) / 1e6)
        said += f", to within {within}"
    return Note(start.quality in ("gps", "boot_utc"), f"{said}.")


def _force(rate: float | None) -> Note:
    if rate is None:
        return Note(False, "Acceleration was not logged: no shock can be seen.")
    said = f"Acceleration was logged {number(rate)} times a second"
    if rate < _SHOCK_HZ:
        return Note(False, f"{said}: shocks are shorter, the real peak may have been higher.")
    return Note(True, f"{said}.")
