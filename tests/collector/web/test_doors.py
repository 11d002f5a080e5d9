"""Programs at the door: HubSpot's webhooks, and settings that name what is missing."""

import msgspec
import pytest

from tests.collector.crashed import NOW, settings_in
from tests.collector.web.wsgi import ask
from windsock.collector.__main__ import main
from windsock.collector.followers import last_id
from windsock.collector.hubspot.events import signature
from windsock.collector.hubspot.source import ASKED
from windsock.collector.settings import Hubspot
from windsock.collector.web.secret import import_token, open_links
from windsock.collector.web.site import Site
from windsock.config.loader import SettingsError

KEY = "hubspot-client-secret"
BODY = b'[{"objectId":1,"subscriptionType":"ticket.creation","occurredAt":1}]'
URI = "https://windsock.maker.example/hubspot"


@pytest.fixture
def site(tmp_path):
    (tmp_path / "key").write_text(KEY)
    hubspot = Hubspot(token_file=tmp_path / "key", client_secret_file=tmp_path / "key")
    settings = msgspec.structs.replace(settings_in(tmp_path), hubspot=hubspot)
    return Site(settings, lambda: NOW)


def call(site, path="/hubspot", body=BODY, **forged):
    stamp = forged.get("stamp", str(NOW // 1000))
    by = signature("POST", URI, forged.get("signed", BODY), stamp, forged.get("key", KEY))
    return ask(site, path, "POST", body, "application/json",
               HTTP_X_HUBSPOT_SIGNATURE_V3=by,
               HTTP_X_HUBSPOT_REQUEST_TIMESTAMP=stamp)  # fmt: skip


def test_a_webhook_asks_for_what_changed(world, site):
    assert call(site).status == 204
    assert last_id(world.ledger, ASKED) == NOW


@pytest.mark.parametrize(
    "forged",
    [
        {"key": "another"},
        {"body": BODY.replace(b"1", b"2")},
        {"stamp": str(NOW // 1000 - 301_000)},
        {"stamp": str(NOW // 1000 + 301_000)},
        {"stamp": "soon"},
        {"body": b"\xff", "signed": b"\xff"},
    ],
)
def test_forged_webhooks_are_refused_and_named(world, site, forged, caplog):
    assert call(site, **forged).status == 401
    assert "POST /hubspot: " in caplog.text
    assert last_id(world.ledger, ASKED) == 0


def test_without_a_signature_or_elsewhere(site):
    assert ask(site, "/hubspot", "POST", BODY).status == 401
    assert ask(site, "/hubspot").status == 405
    assert call(site, path="/hubspot/x").status == 404


class TestSettings:
    @pytest.mark.parametrize("content", ["short", "", f"\n{'x' * 40}"])
    def test_a_secret_that_can_be_guessed_is_refused(self, tmp_path, content):
        settings = settings_in(tmp_path, import_token_file=tmp_path / "token")
        (tmp_path / "secret").write_text(content)
        (tmp_path / "token").write_text(content)

        with pytest.raises(SettingsError, match=r"web\.secret_file .* expected 32 or more"):
            open_links(settings.web)
        with pytest.raises(SettingsError, match=r"web\.import_token_file .* expected 32"):
            import_token(settings.web)

    @pytest.mark.parametrize(
        ("lines", "said"),
        [
            ('base_url = "https://x"', "web: object missing required field `secret_file`"),
            ('base_url = "https://x"\nsecret_file = "none"', "web.secret_file: no file 'none'"),
            ('base_url = "x"\nsecret_file = "s"', "web.base_url"),
            ('base_url = "https://x"\nsecret_file = "s"\nlisten = "8080"', "web.listen"),
        ],
    )  # fmt: skip
    def test_what_is_missing_is_named_before_anything_happens(self, tmp_path, lines, said, capsys):
        config = tmp_path / "collector.toml"
        config.write_text(f'ledger = "{tmp_path}/l"\n[web]\n{lines}\n')

        assert main(["run", "-c", str(config)]) == 2
        assert said.lower() in capsys.readouterr().err.lower()
        assert not (tmp_path / "l").exists()

    def test_a_webhook_of_ours_must_be_signed(self, tmp_path, capsys):
        config = tmp_path / "collector.toml"
        config.write_text(f'ledger = "{tmp_path}/l"\n[notify.webhook]\nurl = "https://x"\n')

        assert main(["run", "-c", str(config)]) == 2
        assert "notify.webhook.secret_file: format windsock needs it" in capsys.readouterr().err
