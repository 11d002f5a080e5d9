"""Pages of HTML: one style, no script, nothing fetched. Whatever came from outside is escaped."""

from functools import cache
from importlib.resources import files

from windsock.collector.explain.markup import tag, text
from windsock.collector.web.exchange import Response


def document(title: str, body: str) -> bytes:
    """The whole page; *body* is markup."""
    head = (
        '<meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)}</title><style>{_style()}</style>"
    )
    page = tag("head", head) + tag("body", tag("main", body))
    return f"<!DOCTYPE html>{tag('html', page, lang='en')}".encode()


def plain(status: str, title: str, said: str, *headers: tuple[str, str]) -> Response:
    """A page that says one thing."""
    body = tag("header", tag("h1", text(title)) + tag("p", text(said)), class_="none said-only")
    return Response(status, document(title, body), headers=headers)


@cache
def _style() -> str:
    """That of the pages that explain logs, and what forms need."""
    explain = (files("windsock.collector.explain") / "page.css").read_text("utf-8")
    return explain + (files("windsock.collector.web") / "page.css").read_text("utf-8")
