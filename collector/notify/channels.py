"""Which ways there are to tell people, by the settings."""

from windsock.collector.hubspot.client import Client
from windsock.collector.notify.file import FileChannel
from windsock.collector.notify.hubspot import HubSpotChannel
from windsock.collector.notify.outbox import MAIL, Channel
from windsock.collector.notify.smtp import Pictures, SmtpChannel
from windsock.collector.notify.webhook import WebhookChannel
from windsock.collector.notify.wording import load_wording
from windsock.collector.settings import Notify
from windsock.config.loader import secret


def channel_names(settings: Notify) -> tuple[str, ...]:
    """Those that notices are written for; mail where none is set, to wait for one.

    HubSpot is none of them: it has a task for each case (`hubspot/tasks`), told or not.
    """
    names = [name for name in (MAIL, "webhook", "file") if getattr(settings, name) is not None]
    return tuple(names) or (MAIL,)


def open_channels(settings: Notify, pictures: Pictures = lambda _: ()) -> dict[str, Channel]:
    """The channels that are set, by name; mails show *pictures*.

    Raises SettingsError for a secret that can't be read or a template that can't be filled in.
    """
    wording = load_wording(settings.templates)
    channels: dict[str, Channel] = {}
    if settings.smtp:
        file = settings.smtp.password_file
        password = secret(file, "notify.smtp.password_file") if file else None
        channels[MAIL] = SmtpChannel(settings.smtp, password, wording, pictures)
    if settings.webhook:
        file = settings.webhook.secret_file
        key = secret(file, "notify.webhook.secret_file") if file else None
        channels["webhook"] = WebhookChannel(settings.webhook, key, wording)
    if settings.hubspot:
        token = secret(settings.hubspot.token_file, "notify.hubspot.token_file")
        client = Client(settings.hubspot.url, token)
        channels["hubspot"] = HubSpotChannel(client, settings.hubspot.account, wording)
    if settings.file:
        channels["file"] = FileChannel(settings.file.path, wording)
    return channels
