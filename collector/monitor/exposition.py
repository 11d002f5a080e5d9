"""Figures as Prometheus reads them, text format 0.0.4. Pure.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

Kind = Literal["counter", "gauge"]
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_HELP: Final = str.maketrans({"\\": r"\\", "\n": r"\n"})
_LABEL: Final = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})


class Sample(NamedTuple):
    """One value, told from its sisters by labels."""

    labels: Mapping[str, str]
    value: float


class Figure(NamedTuple):
    """One name with its samples."""

    name: str
    kind: Kind
    words: str
    samples: tuple[Sample, ...]


def exposed(figures: Iterable[Figure]) -> str:
    """The whole page."""
    return "".join(map(_lines, figures))


def _lines(figure: Figure) -> str:
    name, kind, words, samples = figure
    head = f"# HELP {name} {words.translate(_HELP)}\n# TYPE {name} {kind}\n"
    return head + "".join(f"{name}{_labels(s.labels)} {_number(s.value)}\n" for s in samples)


def _labels(labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{key}="{value.translate(_LABEL)}"' for key, value in labels.items())
    return f"{{{inside}}}" if inside else ""


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
