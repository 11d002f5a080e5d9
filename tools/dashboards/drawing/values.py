"""Settings of a panel's fields, and values as its units and mappings show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

COLORS = {
    "green": "#73bf69", "yellow": "#fade2a", "orange": "#ff9830", "red": "#f2495c",
    "blue": "#5794f2", "purple": "#b877d9", "light-blue": "#8ab8ff", "text": "#ccccdc",
}  # fmt: skip
PALETTE = ("#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#5794f2", "#b877d9", "#56a5a5")
_SUFFIX = {
    "percentunit": "%", "percent": "%", "h": " h", "s": " s", "lengthm": " m", "degree": "°",
    "accMS2": " m/s²", "volt": " V", "mAh": " mAh", "Bps": " B/s", "bytes": " B",
}  # fmt: skip
_DECIMALS = ((0, 100), (1, 10), (2, 0))
"""How many are shown from which size on, where nobody says."""
_THOUSANDS = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True)
class Config:
    """One field's settings: the panel's defaults, and what is said of its name."""

    properties: Mapping[str, Any]

    @classmethod
    def of(cls, panel: Mapping[str, Any], name: str) -> "Config":
        """Of the field or series *name* in *panel*."""
        properties = dict(panel["fieldConfig"]["defaults"])
        custom = properties.pop("custom", None) or {}
        properties |= {f"custom.{key}": value for key, value in custom.items()}
        for one in panel["fieldConfig"]["overrides"]:
            if one["matcher"]["options"] == name:
                properties |= {item["id"]: item["value"] for item in one["properties"]}
        return cls(properties)

    def get(self, name: str, missing: Any = None) -> Any:  # noqa: ANN401 - the SDK's builders and Grafana's JSON have no types
        """A property, such as ``custom.lineWidth``."""
        found = self.properties.get(name)
        return missing if found is None else found

    def shown(self, value: Any) -> str:  # noqa: ANN401 - the SDK's builders and Grafana's JSON have no types
        """The text of *value*."""
        if value is None:
            return ""
        mapped = self._mapped(value)
        if mapped:
            return str(mapped["text"])
        return number(value, self.get("unit", "short"), self.get("decimals"))

    def color(self, value: Any) -> str:  # noqa: ANN401 - the SDK's builders and Grafana's JSON have no types
        """Of *value*: by its mapping, else by the thresholds."""
        mapped = self._mapped(value)
        if mapped:
            return color(mapped["color"])
        found = COLORS["text"]
        if isinstance(value, int | float):
            for step in self.get("thresholds", {}).get("steps", []):
                if step["value"] is None or value >= step["value"]:
                    found = color(step["color"])
        return found

    def _mapped(self, value: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 - the SDK's builders and Grafana's JSON have no types
        for one in self.get("mappings", []):
            found: Mapping[str, Any] | None = one["options"].get(str(value))
            if found:
                return found
        return None


def color(name: str) -> str:
    """A colour of Grafana's dark theme, or one that is written out."""
    return COLORS.get(name, name)


def number(value: Any, unit: str, decimals: float | None = None) -> str:  # noqa: ANN401 - the SDK's builders and Grafana's JSON have no types
    """A number with its unit; texts as they are."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if unit == "dateTimeAsIso":
        return moment(int(value))
    if unit == "percentunit":
        return f"{100 * value:.{int(decimals or 0)}f}%"
    scale = ""
    if unit in ("short", "bytes", "Bps"):
        for size, letter in _THOUSANDS:
            if abs(value) >= size:
                value, scale = value / size, " " + letter
                break
    if decimals is None:
        whole = float(value).is_integer()
        decimals = 0 if whole else next(few for few, least in _DECIMALS if abs(value) >= least)
    text = f"{value:.{int(decimals)}f}"
    return text + (scale or "") + _SUFFIX.get(unit, "").lstrip(" " if scale else "")


def moment(ms: int) -> str:
    """A time as tables show it."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def ticks(low: float, high: float, count: int = 4) -> Sequence[float]:
    """About *count* round values from *low* to *high*."""
    span = (high - low) or 1
    raw = span / count
    size = 10 ** len(str(int(raw))) / 10 if raw >= 1 else 1.0
    while size > raw:
        size /= 10
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= raw)
    first = -(-low // step)
    found = []
    while first * step <= high + step * 1e-6:
        found.append(first * step + 0.0)
        first += 1
    return found
