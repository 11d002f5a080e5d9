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


@pytest.mark.parametrize("path", sorted((ROOT / "benchmarks").glob("*.py")), ids=lambda p: p.stem)
def test_every_benchmark_finds_what_it_imports(path, benchmark):
    assert benchmark(path.stem)


def test_the_rules_are_timed_on_a_fleet_as_it_is(benchmark, monkeypatch):
    rules = benchmark("threshold_rules")
    for module in (rules, rules.million):
        monkeypatch.setattr(module, "DRONES", 300)
    monkeypatch.setattr(rules, "in_turns", once)
    figures = [figure.figure for figure in rules.figures()]
    assert any(figure.startswith("D1a of 300 drones") for figure in figures)


def once(*works):
    """In the place of timing, each by turns."""
    for work in works:
        work()
    return [1.0] * len(works)


def test_the_peers_are_asked_what_our_arrays_are(benchmark, monkeypatch):
    peers = benchmark("inactivity_peers")
    monkeypatch.setattr(peers, "DRONES", 50)
    *_, overdue = peers.arrays(peers.flights())
    assert 0 < overdue < 50


def test_a_log_is_measured_and_looked_at_as_a_whole(benchmark):
    """It once was used up by the one before the other came, and 14 of 26 crashes were missed."""
    seen = benchmark("crash_rules").look(LOG, CRASH)
    assert seen.verdicts == {"crash"}
    assert seen.facts[0]["peak_force_m_s2"] == pytest.approx(seen.peak_m_s2, rel=0.01)
    assert seen.facts[0]["airborne_s"] > 10
