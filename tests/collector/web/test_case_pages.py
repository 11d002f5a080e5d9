"""A link shows its case, and answers it: to its CSM, in its time, and to nobody else."""

import json

import pytest

from tests.collector.crashed import ANNA, NOW, SECRET, SUPPORT, crash, settings_in
from tests.collector.notify.examples import FACTS
from tests.collector.web.wsgi import ask, post
from tests.collector.world import DAY
from windsock.collector.cases.rules import RULES
from windsock.collector.ledger import transaction
from windsock.collector.sql import insert
from windsock.collector.web.links import Links
from windsock.collector.web.site import Site

LINKS = Links(SECRET, "")


@pytest.fixture
def settings(tmp_path):
    return settings_in(tmp_path)


@pytest.fixture
def case(world, settings):
    return crash(world, settings)


@pytest.fixture
def site(settings):
    return Site(settings, lambda: NOW)


def link(case, who=ANNA, links=LINKS):
    return links.to_case(case, who, NOW)


def everything(world):
    """The whole ledger, as SQL."""
    return "\n".join(world.ledger.iterdump())


def test_the_page_has_the_alert_the_evidence_and_a_form(site, case):
    page = ask(site, link(case))

    assert page.status == 200
    for words in ("Possible crash: drone WX-0002", "it hit the ground out of control",
                  "Shock at ground contact", "<svg", "In repair", "False alarm",
                  "https://wiki.maker.example/cs-trouble-call-end-user", "var-drone=px4%3A01",
                  "25 flights in 52 weeks"):  # fmt: skip
        assert words in page.text, words
    assert "<script" not in page.text


@pytest.mark.parametrize("rule", FACTS)
def test_every_rule_s_cases_have_a_page(world, settings, rule):
    about = RULES[rule].about
    row = {
        "rule": rule, "subject": "WX-0002", "subject_kind": about, "state": "open", "severity": 50,
        "csm": ANNA, "episode": "", "facts": json.dumps(FACTS[rule]), "opened_us": NOW,
        "due_us": NOW,
    }  # fmt: skip
    with transaction(world.ledger) as ledger:
        number = insert(ledger, "cases", row)
    page = ask(Site(settings, lambda: NOW), link(number))

    assert page.status == 200
    assert ("In repair" in page.text) == (about == "drone")
    assert ("out of season" in page.text) == (about != "station")
    assert "$" not in page.text.partition("<body>")[2]


def test_nothing_of_it_is_kept_framed_or_passed_on(site, case):
    headers = ask(site, link(case)).headers

    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing(world, site, case, method):
    before = everything(world)
    for answer in ("", "?answer=done"):
        assert ask(site, link(case) + answer, method).status in (200, 403)

    assert everything(world) == before


def test_an_answer_changes_the_case_once_however_often_it_is_sent(world, site, case):
    first = post(site, link(case), answer="repair", note="Rotor arm <b>broken</b>")
    again = post(site, link(case), answer="repair", note="Rotor arm <b>broken</b>")

    assert "drone WX-0002 is in repair" in first.text
    assert "Rotor arm &lt;b&gt;broken&lt;/b&gt;" in first.text
    assert "had been said already" in again.text
    (said,) = world.rows("SELECT * FROM answers")
    assert (said["answer"], said["actor"], said["via"]) == ("repair", ANNA, "link")
    assert world.rows("SELECT state FROM cases")[0]["state"] == "resolved"
    service = "SELECT object FROM links WHERE kind = 'drone_service' AND subject = 'WX-0002'"
    assert [row["object"] for row in world.rows(service)][-1] == "repair"
    assert "<form" not in first.text


def test_what_a_person_confirmed_is_called_so(world, site, case):
    page = post(site, link(case), answer="confirmed")

    assert "Crash: drone WX-0002" in page.text
    assert "A person has confirmed it" in page.text
    assert "not confirmed" not in page.text
    assert world.rows("SELECT state FROM incidents") == [{"state": "confirmed"}]


def test_a_day_begins_where_the_person_is(world, site, case):
    with transaction(world.ledger) as ledger:
        ledger.execute("UPDATE people SET zone = 'Europe/Oslo' WHERE email = ?", (ANNA,))
    answered = post(site, link(case), answer="snooze", until="2026-03-01")

    assert answered.status == 200
    (row,) = world.rows("SELECT snoozed_until_us FROM cases")
    assert row["snoozed_until_us"] == 1_772_319_600_000_000  # 2026-02-28T23:00Z


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"answer": "snooze"}, "needs a date"),
        ({"answer": "snooze", "until": "2020-01-01"}, "that is past"),
        ({"answer": "snooze", "until": "31.12.2026"}, "is no day"),
        ({"answer": "snooze", "until": "9999-99-99"}, "is no day"),
        ({"answer": "burn it"}, "expected one of"),
        ({}, "expected one of"),
        ({"answer": "done", "note": "x" * 1001}, "at most 1000"),
    ],
)
def test_an_answer_that_makes_no_sense_is_explained_beside_the_form(
    world, site, case, fields, said
):
    page = post(site, link(case), **fields)

    assert page.status == 422
    assert said in page.text
    assert "<form" in page.text
    assert fields.get("note", "") in page.text
    assert not world.rows("SELECT * FROM answers")


def test_a_day_left_in_a_field_that_is_hidden_is_no_part_of_the_answer(world, site, case):
    assert post(site, link(case), answer="done", until="2026-12-01").status == 200
    assert world.rows("SELECT until_us FROM answers") == [{"until_us": None}]


class TestRefused:
    def test_links_that_are_not_ours(self, world, site, case):
        good = link(case)
        before = everything(world)
        other = link(case, links=Links("f" * 32, ""))
        for bad in (good[:-1], good + "A", good.replace(".", "_"), "/case/x",
                    "/case/" + "A" * 9000, other, "/case/é."):  # fmt: skip
            for answered in (ask(site, bad), post(site, bad, answer="done")):
                assert answered.status == 403, bad
                assert "WX-0002" not in answered.text
        assert everything(world) == before

    def test_a_link_after_its_time(self, case, settings, world):
        late = Site(settings, lambda: NOW + 30 * DAY)

        assert ask(late, link(case)).status == 410
        assert post(late, link(case), answer="done").status == 410
        assert not world.rows("SELECT * FROM answers")

    def test_another_csm_s_link_to_this_case(self, site, case):
        assert ask(site, link(case, "bob@maker.example")).status == 403

    def test_after_the_customer_went_to_another_csm(self, world, site, case):
        with transaction(world.ledger) as ledger:
            ledger.execute("UPDATE cases SET csm = 'bob@maker.example'")

        assert ask(site, link(case)).status == 403
        assert post(site, link(case), answer="done").status == 403
        assert ask(site, link(case, "bob@maker.example")).status == 200

    def test_support_and_who_stands_in_may(self, world, site, case):
        with transaction(world.ledger) as ledger:
            ledger.execute("INSERT INTO cover VALUES (?, 0, ?, 'carl@maker.example')", (ANNA, NOW))

        assert ask(site, link(case, SUPPORT)).status == 200
        assert ask(site, link(case, "carl@maker.example")).status == 200

    def test_a_case_that_is_not_kept(self, site):
        assert ask(site, link(4711)).status == 404

    @pytest.mark.parametrize(
        "path",
        ["/", "/case", "/case/", "/cases", "/case/a/b", "/import/roster", "/../etc/passwd"],
    )
    def test_there_is_nothing_else(self, site, path):
        assert ask(site, path).status == 404

    def test_other_ways_to_ask(self, site, case):
        answered = ask(site, link(case), "DELETE")

        assert answered.status == 405
        assert answered.headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"answer=done", "text/plain"),
        (json.dumps({"answer": "done"}).encode(), "application/json"),
        (b"answer=\xff\xfe", "application/x-www-form-urlencoded"),
        (b"answer=%ff%fe", "application/x-www-form-urlencoded"),
        (b"answer=done&answer=sold", "application/x-www-form-urlencoded"),
        (b"answer=done&actor=bob", "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % n for n in range(100)), "application/x-www-form-urlencoded"),
    ],
)
def test_what_no_form_of_ours_sends_is_refused(world, site, case, body, kind):
    assert ask(site, link(case), "POST", body, kind).status == 400
    assert not world.rows("SELECT * FROM answers")


def test_names_are_text(world, tmp_path):
    settings = settings_in(tmp_path)
    number = crash(world, settings, customer="<img src=x onerror=alert(1)>")
    page = ask(Site(settings, lambda: NOW), link(number))

    assert "<img" not in page.text
    assert "&lt;img src=x onerror=alert(1)&gt;" in page.text


def test_without_a_window_the_page_says_so(world, tmp_path):
    settings = settings_in(tmp_path)
    number = crash(world, settings, window=False)

    assert "have not come in" in ask(Site(settings, lambda: NOW), link(number)).text


def test_a_bug_in_a_request_is_logged_and_the_next_one_is_answered(
    site, case, caplog, monkeypatch
):
    monkeypatch.setattr("windsock.collector.web.answering.case_page", lambda *_: 1 / 0)
    broken = ask(site, link(case))

    assert broken.status == 500
    assert "ZeroDivisionError" in caplog.text
    assert "ZeroDivisionError" not in broken.text
    monkeypatch.undo()
    assert ask(site, link(case)).status == 200
