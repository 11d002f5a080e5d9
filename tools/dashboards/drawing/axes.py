"""What all charts over time share: a place to draw, times below it, marks, and texts as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

TEXT = "#8e8ea0"
GRID = "#26292f"
_STEPS_S = (1, 5, 10, 60, 300, 600, 3600, 10800, 21600, 86400, 604800, 1209600)

_FORMS = ((86400, "%m/%d"), (60, "%H:%M"), (0, "%H:%M:%S"))
"""How a time is written, by the step of its axis."""


@dataclass(frozen=True)
class Mark:
    """An annotation."""

    at_ms: int
    color: str


@dataclass(frozen=True)
class Plot:
    """Where a chart is drawn (px), and what it spans (ms)."""

    width: float
    height: float
    from_ms: int
    to_ms: int
    left: float = 58
    right: float = 10
    marks: Sequence[Mark] = ()

    @property
    def bottom(self) -> float:
        """Of the plot's area; below it are the times."""
        return self.height - 20

    def x(self, ms: float) -> float:
        """Of a moment."""
        share = (ms - self.from_ms) / (self.to_ms - self.from_ms)
        return self.left + share * (self.width - self.left - self.right)


def time_axis(plot: Plot) -> list[str]:
    """Lines and texts of round times."""
    range_s = (plot.to_ms - plot.from_ms) / 1000
    count = max(plot.width // 110, 3)
    step_s = next((step for step in _STEPS_S if range_s / step <= count), 2 * 604800)
    form = next(form for least_s, form in _FORMS if step_s >= least_s)
    parts = []
    at_ms = -(-plot.from_ms // (step_s * 1000)) * step_s * 1000
    while at_ms <= plot.to_ms:
        said = datetime.fromtimestamp(at_ms / 1000, UTC).strftime(form)
        x = plot.x(at_ms)
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="4" y2="{plot.bottom}" stroke="{GRID}"/>'
        )
        if plot.left - 10 < x < plot.width - 16:
            parts.append(text(x, plot.height - 4, said, "middle"))
        at_ms += step_s * 1000
    return parts


def line_of(plot: Plot, mark: Mark) -> str:
    """An annotation's line with its triangle."""
    x, y = plot.x(mark.at_ms), plot.bottom
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="4" y2="{y}" stroke="{mark.color}"'
        ' stroke-dasharray="4 3"/>'
        f'<polygon points="{x - 4:.1f},{y + 6} {x + 4:.1f},{y + 6} {x:.1f},{y}"'
        f' fill="{mark.color}"/>'
    )


def text(x: float, y: float, said: str, anchor: str, fill: str = TEXT) -> str:
    """One line of text."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">{escape(said)}</text>'
    )


def svg(plot: Plot, parts: Sequence[str]) -> str:
    """The whole chart."""
    return f'<svg width="{plot.width:.0f}" height="{plot.height:.0f}">{"".join(parts)}</svg>'
