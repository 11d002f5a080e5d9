"""Mails as a real server receives them, from the event to the answer and the day after."""

import re

import msgspec
import pytest

from tests.collector.crashed import ANNA, NOW, crash, settings_in
from tests.collector.web.wsgi import post
from tests.collector.world import DAY, HOUR
from windsock.collector.fleet.states import drone_states
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.rounds import Rounds
from windsock.collector.settings import Day, Smtp
from windsock.collector.web.site import Site

pytestmark = pytest.mark.e2e
MORNING = NOW - 3 * HOUR + 8 * HOUR
"""Eight o'clock, when digests come. A Saturday, on which this world works."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@pytest.fixture
def settings(tmp_path, mail_server):
    smtp = Smtp(
        host=mail_server.host, port=mail_server.port, sender="windsock@maker.example",
        security="plain",
    )  # fmt: skip
    ours = settings_in(tmp_path)
    notify = msgspec.structs.replace(ours.notify, smtp=smtp, file=None)
    return msgspec.structs.replace(ours, notify=notify, day=Day(working_days=DAYS))


@pytest.fixture
def rounds(world, settings):
    return Rounds(settings, world.ledger, Telemetry(world.ledger, None))


def mails_to(server, person=ANNA):
    """A round has sent when it ends, so all are there."""
    return [mail for mail in server.messages if mail["To"] == person]


def page_of(mail):
    return mail.get_body(["html"]).get_content()


def pictures_of(mail):
    return {
        part["Content-ID"]: part for part in mail.walk() if part.get_content_type() == "image/png"
    }


def test_a_crash_is_mailed_with_the_moments_around_it(world, settings, rounds, mail_server):
    case = crash(world, settings)
    rounds.make(NOW)
    (mail,) = mails_to(mail_server)
    ((cid, picture),) = pictures_of(mail).items()

    assert mail["To"] == ANNA
    assert f'src="cid:{cid.strip("<>")}"' in page_of(mail)
    assert picture.get_content().startswith(b"\x89PNG\r\n")
    assert len(mail.as_bytes()) < 150_000
    assert "1: shock at ground contact, 356 m/s² (36 g)" in page_of(mail)
    assert mail["Message-ID"] == f"<windsock.case-{case}.1-open@maker.example>"
    text = text_of(mail)
    assert len(text.strip().splitlines()) <= 12
    assert "https://windsock.maker.example/case/" in text


def test_nothing_in_a_mail_is_fetched(world, settings, rounds, mail_server):
    crash(world, settings, customer='<img src="http://evil.example/x.png">')
    rounds.make(NOW)
    page = page_of(mails_to(mail_server)[0])

    assert not re.findall(r'(?:src|background)="(?!cid:)', page)
    assert not re.search(r"url\(|@import|<link|<script", page)
    assert set(re.findall(r'href="(https?://[^/"]+)', page)) == {
        "https://windsock.maker.example", "https://wiki.maker.example",
        "https://grafana.maker.example",
    }  # fmt: skip


def test_without_a_window_there_is_no_picture(world, settings, rounds, mail_server):
    crash(world, settings, window=False)
    rounds.make(NOW)
    (mail,) = mails_to(mail_server)

    assert not pictures_of(mail)
    assert "cid:" not in page_of(mail)


def test_a_reply_by_link_changes_the_drone_and_the_next_digest(
    world, settings, rounds, mail_server
):
    case = crash(world, settings)
    rounds.make(NOW)
    rounds.make(MORNING)
    _, digest = mails_to(mail_server)
    assert "WX-0002" in text_of(digest)

    path = re.search(r"https://windsock\.maker\.example(/case/\S+)", text_of(digest))[1]
    answered = post(Site(settings, lambda: MORNING + HOUR), path, answer="repair")
    rounds.make(MORNING + DAY)

    assert answered.status == 200
    (drone,) = drone_states(world.ledger, MORNING + DAY, settings)
    assert (drone.serial, drone.state) == ("WX-0002", "repair")
    later = mails_to(mail_server)[2:]
    assert not any("WX-0002" in text_of(mail) for mail in later)
    (row,) = world.rows("SELECT * FROM cases WHERE id = ?", case)
    assert (row["state"], row["closed_by"]) == ("resolved", ANNA)


def text_of(mail):
    return mail.get_body(["plain"]).get_content()
