"""`explain` from a log file to a page, and every way in which it can't."""

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from windsock.collector.explain.command import add_arguments, explain

LOGS = Path(__file__).parents[2] / "logs"
CRASH, NORMAL = LOGS / "d2_hard_impact_upright.BIN", LOGS / "h1_v455_normal.BIN"


def run(*arguments):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return explain(parser.parse_args([str(one) for one in arguments]))


@pytest.mark.parametrize("log", sorted(LOGS.glob("*.*")), ids=lambda path: path.name)
def test_each_log_of_ours_is_explained(log, tmp_path, capsys):
    page = tmp_path / "page.html"

    assert run(log, "-o", page) == 0
    said, where = capsys.readouterr().out.splitlines()
    shown = page.read_text("utf-8")
    assert where == str(page)
    assert said.split(":")[0] in shown
    assert len(shown) < 200_000
    assert shown.count("<svg") > 10


def test_the_sentence_of_a_recorded_crash(tmp_path, capsys):
    assert run(CRASH, "-o", tmp_path / "page.html") == 0
    assert capsys.readouterr().out.startswith(
        "Possible crash 13 s after take-off: it fell 17 m in 1.8 s and hit the ground at 13.6 m/s"
    )


def test_without_a_name_the_page_is_called_like_the_log(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert run(NORMAL) == 0
    assert [one.name for one in tmp_path.iterdir()] == ["h1_v455_normal.html"]


def test_a_page_can_go_through_a_pipe():
    call = (
        "import sys; from tests.collector.explain.test_command import run;"
        f"sys.exit(run({str(NORMAL)!r}, '-o', '-'))"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", call], cwd=root, capture_output=True, check=True)

    assert done.stdout.startswith(b"<!DOCTYPE html>")
    assert done.stdout.endswith(b"</html>\n")


def test_an_earlier_log_says_what_changed(tmp_path):
    page = tmp_path / "page.html"

    assert run(CRASH, "-o", page, "--before", NORMAL) == 0
    shown = page.read_text("utf-8")
    assert "PSC_VELXY_D" in shown
    assert "4.5.5" in shown


def encrypted(folder):
    path = folder / "x.ulg"
    path.write_bytes(b"ULogEnc\x01" + bytes(100))
    return path


def written(folder, name, data):
    path = folder / name
    path.write_bytes(data)
    return path


BAD = {
    "missing": (lambda folder: folder / "gone.bin", "no such file"),
    "a folder": (lambda folder: folder, "not a file"),
    "empty": (lambda folder: written(folder, "a.bin", b""), "empty"),
    "garbage": (lambda folder: written(folder, "-a.bin", bytes(range(256)) * 10), ""),
    "encrypted": (encrypted, "encrypted"),
    "text": (lambda folder: written(folder, "a.log", b"FMT, 128, 89, FMT, BBnNZ\n" * 9), "text"),
}


@pytest.mark.parametrize(
    ("which", "place"),
    [*((which, "log") for which in BAD), ("missing", "before"), ("text", "before")],
)
def test_a_log_that_cant_be_read_is_one_line(which, place, tmp_path, capsys):
    make, words = BAD[which]
    bad = make(tmp_path)
    given = [bad] if place == "log" else [NORMAL]
    before = [] if place == "log" else [f"--before={bad}"]

    assert run(f"-o{tmp_path / 'page.html'}", *before, "--", *given) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"windsock-collector: {bad}: ")
    assert words in line
    assert not (tmp_path / "page.html").exists()


def test_the_log_itself_is_not_overwritten(tmp_path, capsys):
    log = written(tmp_path, "a.bin", NORMAL.read_bytes())

    assert run(log, "-o", log) == 1
    assert "the log itself" in capsys.readouterr().err
    assert log.read_bytes() == NORMAL.read_bytes()


def test_a_page_that_cant_be_written_is_one_line(tmp_path, capsys):
    assert run(NORMAL, "-o", tmp_path / "no" / "page.html") == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("collected/frv2__ekf_failure.ulg", "Possible crash 1 min 6 s after take-off"),
        ("recorded/px4_k3_force_disarm.ulg", "motors were stopped in the air"),
        ("recorded/a3_two_flights_one_log.BIN", "Normal flight"),
    ],
)
def test_logs_of_others_are_explained(shared_logs, name, words, tmp_path, capsys):
    assert run(shared_logs / name, "-o", tmp_path / "page.html") == 0
    assert words in capsys.readouterr().out
