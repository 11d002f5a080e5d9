"""The catalogue: queued once, and what changed since the previous log."""

from pathlib import Path

import pytest

from windsock.agent.catalogue import Stamp, open_catalogue
from windsock.agent.clock import Clock

CLOCK = Clock(lambda: 1_000_000, lambda: 2_000_000, "boot")


def test_a_log_is_known_until_better_facts_can_be_had(tmp_path):
    catalogue = open_catalogue(tmp_path / "c", CLOCK)
    catalogue.remember("log", 1, "as:X", 0)

    assert catalogue.queued("log", 1)
    assert not catalogue.queued("log", 2)
    assert not catalogue.queued("other", 1)


def test_a_changed_file_is_looked_at_again(tmp_path):
    catalogue = open_catalogue(tmp_path / "c", CLOCK)
    catalogue.dealt_with(Path("x"), Stamp(5, 7))

    assert catalogue.unchanged(Path("x"), Stamp(5, 7))
    assert not catalogue.unchanged(Path("x"), Stamp(6, 7))


def test_parameters_are_compared_with_the_autopilots_latest_earlier_log(tmp_path):
    catalogue = open_catalogue(tmp_path / "c", CLOCK)
    logs = {30: {"P": 3.0}, 10: {"P": 1.0, "OLD": 2.0}, 20: {"P": 1.5, "NEW": 3.0}}
    for start_us, parameters in logs.items():
        catalogue.remember_parameters("px4:1", start_us, f"log {start_us}", parameters)

    changes = [catalogue.parameter_changes("px4:1", at, logs[at]) for at in (10, 20, 30)]

    assert changes == [
        {},
        {"P": (1.0, 1.5), "OLD": (2.0, None), "NEW": (None, 3.0)},
        {"P": (1.5, 3.0), "NEW": (3.0, None)},
    ]
    assert catalogue.parameter_changes("px4:2", 40, {"P": 9.0}) == {}


@pytest.mark.parametrize("from_byte", [0, 4096])
def test_a_damaged_catalogue_starts_empty(tmp_path, from_byte):
    catalogue = open_catalogue(tmp_path / "c", CLOCK)
    catalogue.remember("log", 1, "as:X", 0)
    catalogue.close()
    whole = (tmp_path / "c").read_bytes()
    (tmp_path / "c").write_bytes(whole[:from_byte] + b"damaged!" * (len(whole) // 8))

    assert not open_catalogue(tmp_path / "c", CLOCK).queued("log", 1)
