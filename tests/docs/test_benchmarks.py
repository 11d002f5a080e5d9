"""Benchmarks print what the README quotes: what of them is quick is held here."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOG = ROOT / "tests/logs/d2_hard_impact_upright.BIN"
CRASH = {"verdict": "crash", "accept": ["crash"]}


@pytest.fixture
def benchmark(monkeypatch):
    """A module of the benchmarks, which find each other in their own folder."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module


def test_a_log_is_measured_and_looked_at_as_a_whole(benchmark):
    """It once was used up by the one before the other came, and 14 of 26 crashes were missed."""
    seen = benchmark("crash_rules").look(LOG, CRASH)
    assert seen.verdicts == {"crash"}
    assert seen.facts[0]["peak_force_m_s2"] == pytest.approx(seen.peak_m_s2, rel=0.01)
    assert seen.facts[0]["airborne_s"] > 10
