import pytest

from tests.collector.notify.examples import FACTS, LINK, NOW, OWNER, notice
from windsock.collector.cases.rules import RULES
from windsock.collector.notify.html_page import as_html
from windsock.collector.notify.values.rules import PLACEHOLDERS, values_of
from windsock.collector.notify.wording import load_wording
from windsock.collector.notify.words import KINDS
from windsock.config.loader import SettingsError
from windsock.protocol import verdicts

VARIANTS = {
    "X1": ["crash", "crash-like", "confirmed", "withdrawn"],
    "D1a": ["proven", "presumed", "unseen"],
    "D3": ["overdue"],
    "C3": ["mailed"],
    "X3": ["worn"],
    "X2": ["unseen", "field", "shared", "silent"],
    "D1b": ["own", "cohort"],
    "C1": ["proven", "presumed", "unseen", "rarely"],
    "C5": ["unflown"],
    "D2": ["incidents"],
    "C2": ["incidents"],
    "C4": ["scores"],
    "M1": ["missing", "unclaimed"],
}
OF_CASE = {
    "case", "opened", "due", "closed", "wrong", "tickets", "playbook", "answer", "links",
}  # fmt: skip


def text(rule="X1", **facts):
    return notice(rule, **facts).as_text(load_wording(None))


def test_a_crash_in_words():
    assert text().splitlines() == [
        "WHO        Fjord Inspection (ops@fjord.example), end user of Northern Drones"
        " (service@northern.example); drone WX-0002 (Surveyor 4)",
        "WHAT       Possible crash, not confirmed: it hit the ground out of control,"
        " 31 January 2026 21:00 UTC (3 hours ago).",
        "WHY NOW    Rule X1, a single crash is enough. Measured: struck with 14 g (from 3.1);"
        " tilted by 97 deg at the ground (from 60). Wrong 3 times in 20 answers.",
        "HOW SURE   From the drone's own flight log, not from a missing signal."
        " Severity 84 of 100; a person has yet to confirm it.",
        "SITUATION  Near 59.9 N, 10.7 E; 14 min in the air, up to 62 m high;"
        " before that 212 flights.",
        "TICKETS    1 open ticket (T-17, critical, WX-0002, 30 January 2026);"
        " CES 5 of 7 on 12 January 2026.",
        "CHANGED    Since its log before: firmware 1.14.3 to 1.15.4.",
        'SAY        "Your drone WX-0002 reported what looks like a crash on 31 January 2026.'
        ' Is everybody all right? Then let us look at the drone together."',
        "PLAYBOOK   CS: Trouble Call End User",
        f"ANSWER     {LINK} - acknowledged, done, snooze, on leave until, sold or retired,"
        " in repair, false alarm, confirmed.",
        "LINKS      CS: Trouble Call End User https://wiki.maker.example/cs-trouble-call-end-user",
        "CASE       17, opened 1 February 2026 00:00 UTC, due 3 February 2026",
    ]


@pytest.mark.parametrize(("rule", "variant"), [(r, v) for r, vs in VARIANTS.items() for v in vs])
def test_every_alert_fits_in_twelve_lines_and_leaves_no_placeholder(rule, variant):
    made = notice(rule, variant)
    printed = made.as_text(load_wording(None)) + made.headline

    assert 6 <= len(made.lines) <= 12
    assert "$" not in printed
    assert "None" not in printed


def test_every_rule_has_words_that_are_tested():
    assert FACTS.keys() == VARIANTS.keys() == RULES.keys()


@pytest.mark.parametrize("rule", FACTS)
def test_placeholders_are_those_that_are_filled_in(rule):
    assert values_of(rule, FACTS[rule], NOW).keys() | OF_CASE == PLACEHOLDERS[rule]


def test_every_kind_of_event_has_words():
    assert tuple(KINDS) == verdicts.KINDS


def test_what_is_not_known_is_left_out():
    printed = text(
        changed=[],
        lat_deg=None,
        lon_deg=None,
        height_max_m=None,
        event_us=None,
        who={**OWNER, "customer": None, "distributor": None, "product": None},
    )

    assert "CHANGED" not in printed
    assert "no customer on record; drone WX-0002\n" in printed
    assert "at an unknown time (the log holds no date)" in printed
    assert "14 min in the air; before" in printed


@pytest.mark.parametrize(
    ("siblings", "flying", "words"),
    [
        (None, None, "with this customer.\n"),
        (0, 0, "It is the customer's only drone in service."),
        (1, 0, "The customer's other drone did not fly, either, in that time."),
        (1, 1, "The customer's other drone flew in that time."),
        (3, 0, "None of the customer's 3 other drones flew in that time."),
        (3, 2, "2 of the customer's 3 other drones flew in that time."),
        (3, 3, "All of the customer's 3 other drones flew in that time."),
    ],
)
def test_the_customers_other_drones(siblings, flying, words):
    assert words in text("D1a", siblings=siblings, siblings_flying=flying)


def test_html_in_names_is_neutralised():
    made = notice(who=OWNER | {"customer": "<script>alert(1)</script>&\"'"})
    page = as_html(made, load_wording(None))

    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#x27;" in page


def test_a_name_begins_no_line_and_no_header():
    made = notice(who=OWNER | {"customer": "Acme\r\nBcc: all@maker\u202e"})

    assert made.headline.endswith("Acme Bcc: all@maker")
    assert len(made.lines) == len(notice().lines)


def test_dollars_in_names_are_only_dollars():
    assert "$case" in text(who=OWNER | {"customer": "Cash $case"})


def test_an_operator_may_edit_the_words(tmp_path):
    (tmp_path / "X1.txt").write_text("subject: Crash of $drone!\nwhat: $$5 and $ago\n")
    made = notice(wording=load_wording(tmp_path))

    assert made.headline == "Crash of WX-0002!"
    assert made.lines[0].text == "$5 and 3 hours ago"


@pytest.mark.parametrize(
    ("template", "error"),
    [
        ("what: $colour", "X1.txt: what: $colour: expected $$ or one of $ago, $answer"),
        ("what: 5 $ each", "X1.txt: what: a lone $: expected $$ or one of"),
        ("wat: x", "X1.txt:1: 'wat': expected one of subject, who, what"),
    ],
)
def test_a_template_that_cannot_be_filled_in_is_named(tmp_path, template, error):
    (tmp_path / "X1.txt").write_text(template)

    with pytest.raises(SettingsError) as raised:
        load_wording(tmp_path)
    assert error in str(raised.value)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(SettingsError, match=r"notify\.templates"):
        load_wording(tmp_path / "none")
