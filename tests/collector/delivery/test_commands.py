"""`gaps`, `backup` and `restore` as a person types them."""

import json
from contextlib import closing

import pytest

from tests.collector.delivery.test_backup import batch, take
from windsock.collector.__main__ import main
from windsock.collector.ledger import open_ledger
from windsock.collector.receive import gaps
from windsock.config.lock import only_one
from windsock.protocol.envelope import Key
from windsock.protocol.messages import Tombstone


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "collector.toml").write_text(f'ledger = "{tmp_path}/ledger"\n')
    return ["-c", str(tmp_path / "collector.toml")]


def test_gaps_say_what_is_missing_and_why(settings, tmp_path, capsys):
    take(tmp_path / "ledger", batch(4))
    with closing(open_ledger(tmp_path / "ledger")) as ledger:
        stone = Tombstone(epoch=1, lane=1, first_seq=1, last_seq=2, reason="disk cap")
        gaps.close_by_tombstone(ledger, "station-7", stone)
        gaps.note_quarantined(ledger, Key("station-7", 1, 1, 5))

    assert main(["gaps", "--json", *settings]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["first_seq"], row["last_seq"], row["reason"]) for row in rows] == [
        (3, 3, None), (1, 2, "disk cap"), (5, 5, "quarantined")
    ]  # fmt: skip
    assert main(["gaps", *settings]) == 0
    assert "1 batches may still come" in capsys.readouterr().out


def test_backup_and_restore_go_round(settings, tmp_path, capsys):
    take(tmp_path / "ledger", batch(1))
    assert main(["backup", str(tmp_path / "copy"), *settings]) == 0
    assert "1 batches, 1 flights, checked" in capsys.readouterr().out
    take(tmp_path / "ledger", batch(2))

    assert main(["restore", str(tmp_path / "copy"), *settings]) == 0
    assert "kept as" in capsys.readouterr().out
    take(tmp_path / "ledger", batch(3))
    assert main(["gaps", *settings]) == 0
    assert "windsock-agent import --again" in " ".join(capsys.readouterr().out.split())


def test_nothing_is_restored_under_a_running_collector(settings, tmp_path, capsys):
    take(tmp_path / "ledger", batch(1))
    main(["backup", str(tmp_path / "copy"), *settings])
    with only_one(tmp_path / "ledger.lock", "the collector of this ledger"):
        assert main(["restore", str(tmp_path / "copy"), *settings]) == 1

    assert "already runs" in capsys.readouterr().err
