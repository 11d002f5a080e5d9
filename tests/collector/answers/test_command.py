"""``windsock-collector answer`` and ``cases --history``."""

import json

import pytest

from tests.collector.judged import CRASH, new
from tests.collector.world import T0
from windsock.collector.__main__ import main
from windsock.collector.cases.beside import Places
from windsock.collector.settings import Notify


@pytest.fixture
def say(world, tmp_path, capsys):
    """Case 1 is about D1; runs a command and gives exit code, output and complaint."""
    world.roster("D1,px4:01,Acme,,Anna,anna@maker")
    world.flight(T0, facts=CRASH)
    new(world)
    config = tmp_path / "collector.toml"
    config.write_text(f'ledger = "{world.path}"\n')

    def run(*words):
        code = main(["--now", "2026-01-02T00:00:00", *words, "-c", str(config)])
        return code, *capsys.readouterr()

    return run


def test_the_command_that_a_mail_names_can_be_typed(say):
    """Without its settings it once was refused."""
    said = Places(Notify(), None).answer(1, "anna@maker", 0)
    words = said.split("`")[1].replace("KIND", "done").split()
    assert words.pop(0) == "windsock-collector"
    assert words[-2:] == ["-c", "collector.toml"]  # `say` has its own
    assert say(*words[:-2])[:2] == (0, "case 1: closed\n")


def test_what_was_said_and_done_and_every_step_of_it(say):
    words = ("--note", "Bo's sister has it", "--as", "anna@maker")
    assert say("answer", "1", "sold", "--until", "2026-01-01", *words) == (
        0,
        "case 1: closed; drone D1 is no longer its customer's from 2026-01-01 on\n",
        "",
    )
    assert say("answer", "1", "sold", "--until", "2026-01-01", *words)[1] == (
        "case 1: sold had been said already\n"
    )

    code, output, _ = say("cases", "--history", "1", "--json")
    life = [json.loads(line) for line in output.splitlines()]
    assert code == 0
    assert [(step["transition"], step["actor"], step["decision"]) for step in life] == [
        ("open", "facts", "notify"),
        ("sold", "anna@maker", "answered"),
    ]
    assert life[1]["detail"] == {
        "via": "command",
        "until_us": T0,
        "note": "Bo's sister has it",
    }
    table = say("cases", "--history", "1")[1]
    assert "anna@maker" in table
    assert "until 2026-01-01" in table


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("answer", "9", "done"), 1, "windsock-collector: there is no case 9\n"),
        (("answer", "1", "snooze"), 1, "windsock-collector: snooze needs a date: until when?\n"),
        (("cases", "--history", "9"), 1, "windsock-collector: there is no case 9\n"),
    ],
)
def test_complaints(say, words, code, complaint):
    assert say(*words) == (code, "", complaint)


@pytest.mark.parametrize(
    "words", [("answer", "1", "nonsense"), ("answer", "1", "snooze", "--until", "soon")]
)
def test_wrong_words_are_usage_errors(say, words):
    with pytest.raises(SystemExit) as ended:
        say(*words)
    assert ended.value.code == 2
