"""Simulated fleets whose truth is known, judged: for tests and for benchmarks."""
