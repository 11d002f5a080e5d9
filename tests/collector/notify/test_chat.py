"""Slack and Teams: their published shapes and limits, and names that stay names."""

import msgspec
import pytest

from tests.collector.notify.examples import LINK, NOW, OWNER, notice
from windsock.collector.notify.notice import Line, Notice, Section
from windsock.collector.notify.slack import slack_message
from windsock.collector.notify.teams import MOST_BYTES, teams_message

HOSTILE = "<!channel> *bold* [click](http://evil.example) <http://evil.example|x> &amp; @here"


def digest(sections):
    return Notice(
        kind="digest", case=None, transition="x", rule="digest", subject="Anna", severity=0,
        headline="Monday: calls", created_us=NOW, lines=[Line("who", "Anna")],
        sections=[
            Section(headline=f"Customer {n}: {HOSTILE}",
                    lines=[Line("what", "w" * 200), Line("answer", f"case {n} {LINK}")])
            for n in range(sections)
        ],
    )  # fmt: skip


def every(value, kind):
    """All objects of a type, at whatever depth."""
    if isinstance(value, dict):
        found = [value] if value.get("type") == kind else []
        return found + [one for item in value.values() for one in every(item, kind)]
    if isinstance(value, list):
        return [one for item in value for one in every(item, kind)]
    return []


class TestSlack:
    def message(self, made):
        return msgspec.json.decode(slack_message(made))

    def test_a_case(self):
        message = self.message(notice())
        header, body = message["blocks"]

        assert message["text"] == "Possible crash: drone WX-0002, Fjord Inspection"
        assert header == {
            "type": "header",
            "text": {"type": "plain_text", "text": message["text"]},
        }
        assert body["type"] == "rich_text"
        assert {"type": "text", "text": "Who  ", "style": {"bold": True}} in every(body, "text")
        assert {"type": "link", "url": LINK, "text": "Answer this case"} in every(body, "link")

    def test_names_mention_nobody_and_link_nowhere(self):
        message = self.message(notice(who=OWNER | {"customer": HOSTILE}))

        assert "<" not in message["text"]
        assert not every(message, "mrkdwn")
        assert not any("evil" in link["url"] for link in every(message, "link"))
        assert any(HOSTILE in one["text"] for one in every(message, "text"))

    def test_a_long_digest_stays_within_the_limits(self):
        message = self.message(digest(60))

        assert len(message["blocks"]) <= 50
        assert every(message, "text")[-1]["text"] == "and 20 more: see the mail"

    def test_a_long_name_is_cut(self):
        made = notice(who=OWNER | {"customer": "x" * 4000})
        assert len(self.message(made)["blocks"][0]["text"]["text"]) == 150


class TestTeams:
    def card(self, made):
        message = msgspec.json.decode(teams_message(made))
        (attachment,) = message["attachments"]
        assert message["type"] == "message"
        assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
        return attachment["content"]

    def test_a_case(self):
        card = self.card(notice())

        assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
        assert card["body"][0]["inlines"][0]["text"].startswith("Possible crash")
        assert card["actions"] == [
            {"type": "Action.OpenUrl", "title": "Answer this case", "url": LINK}
        ]

    def test_names_stand_where_markdown_is_not_read(self):
        card = self.card(notice(who=OWNER | {"customer": HOSTILE}))

        assert not every(card, "TextBlock")
        assert not any("evil" in one["url"] for one in every(card, "Action.OpenUrl"))
        assert any(HOSTILE in run["text"] for run in every(card, "TextRun"))

    @pytest.mark.parametrize("sections", [0, 10, 400])
    def test_a_digest_stays_within_what_teams_takes(self, sections):
        made = digest(sections)

        assert len(teams_message(made)) < MOST_BYTES
        texts = [run["text"] for run in every(self.card(made), "TextRun")]
        shown = sum(text.startswith("Customer") for text in texts)
        assert shown == sections or texts[-1] == f"and {sections - shown} more: see the mail"
