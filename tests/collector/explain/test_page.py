"""The page: whole without a network, and the same whatever a log's strings say."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.collector.explain.given import CRASH, NORMAL, flight, reading, series, window
from windsock.collector.explain.judged import judged
from windsock.collector.explain.markup import text
from windsock.collector.explain.page import headline, page

TAGS = set(
    re.findall(
        r"\w+",
        "a b body circle code dd details div dl dt figcaption figure footer g h1 h2 head header"
        " html i li line main meta p path rect section small span style summary svg table tbody"
        " td text th thead title tr ul",
    )
)
NASTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style></svg></title><b>",
    "<!--",
    "]]>",
    "&lt;&#60;",
    "\x1b[31mred\x1b[0m",
    "\u202egnp.exe",
    "\x00\x0b\x85\u2028",
    "url(http://evil.example/)",
    "}*{display:none",
)


class Structure(HTMLParser):
    """Elements with the names of their attributes, and every word of text and attributes."""

    def __init__(self, markup):
        super().__init__(convert_charrefs=True)
        self.elements, self.said, self.attributes = [], [], []
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, [name for name, _ in attrs]))
        self.attributes += attrs

    def handle_data(self, data):
        self.said.append(data)


def document(flights=None, name="flight.bin", before=None, **changes):
    given = reading(*(flights or [flight()]), **changes)
    return page(given, judged(given), name, ":root{}", before)


def hostile(word):
    """A page with *word* wherever a log has a say."""
    firmware = dict.fromkeys(("version", "vendor_version", "git_hash", "hardware"), word[:128])
    said = [
        {"boot_s": 90.0, "what": "message", "text": word, "level": 3},
        {"boot_s": 91.0, "what": "mode", "text": word},
        {"boot_s": 92.0, "what": "error", "text": word},
    ]
    changes = {
        "firmware": {**firmware, "banner": word},
        "serial": word[:128],
        "parameters": {f"P{word}": 1.0, "Q": 2.0},
        "windows": [window(rows=20)],
    }
    before = reading(firmware={"version": f"old {word}"[:128]}, parameters={f"P{word}": 3.0})
    return document([flight(events=said)], f"n{word}", before, **changes)


words = st.text(min_size=1, max_size=200) | st.sampled_from(NASTY)


@settings(max_examples=50)
@given(words)
def test_hostile_names_change_no_element(word):
    page_of = Structure(hostile(word))

    assert page_of.elements == Structure(hostile("x")).elements
    assert not [one for data in page_of.said for one in data if one in "\x00\x1b\u202e\u2028"]


@pytest.mark.parametrize("word", NASTY)
def test_what_a_log_says_is_shown_as_it_is(word):
    shown = Structure(hostile(word))

    visible = "".join(one for one in re.sub(r"\x1b\[\d+m", "", word) if one.isprintable())
    assert " ".join(visible.split()) in " ".join("".join(shown.said).split())


def test_the_page_needs_nothing_but_itself():
    found = Structure(document())

    assert {tag for tag, _ in found.elements} <= TAGS
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    assert not {"src", "srcset", "action", "data"} & {name for name, _ in found.attributes}
    assert all(value.startswith("#") for name, value in found.attributes if name == "href")
    assert all(
        re.fullmatch(r"(left|width):[\d.]+%(;width:[\d.]+%)?", value)
        for name, value in found.attributes
        if name == "style"
    )
    assert "://" not in document()
    assert "@import" not in document()


def test_browsers_are_told_to_fetch_nothing():
    contents = [value for name, value in Structure(document()).attributes if name == "content"]

    assert "default-src 'none'; style-src 'unsafe-inline'" in contents


def test_the_verdict_comes_first():
    found = Structure(document())

    assert headline(judged(reading()), reading()).startswith(
        "Possible crash 1 min 12 s after take-off"
    )
    assert [one.startswith("Possible crash") for one in found.said[:4]].count(True) == 2


def test_the_worst_flight_leads_and_the_others_are_folded():
    flights = [
        flight(1, 10.0, NORMAL),
        flight(2, 200.0, CRASH),
        flight(3, 400.0, {"airborne_s": 0.0, "armed_s": 9.0}),
    ]
    shown = document(flights, windows=[window(), window(200.0)], series=[series()])
    ids = [value for name, value in Structure(shown).attributes if name == "id"]

    assert ids == ["flight-2", "flight-1", "flight-3"]
    assert "Flight 2 of 3, the worst" in shown
    assert shown.count("<summary>Flight ") == 2


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [(CRASH, "Possible crash"), (NORMAL, "No crash"), ({}, "Can&#x27;t be judged")],
)
def test_each_verdict_has_a_page(facts, verdict):
    assert verdict in document([flight(facts=facts)])


def test_a_log_without_a_flight_has_a_page():
    shown = document(flights=[], windows=[], series=[])
    empty = reading(flights=[], windows=[], series=[])

    assert shown
    assert "never armed" in page(empty, [], "x", "", None)


@pytest.mark.parametrize("lost", [{"damaged_bytes": 400_000}, {"partial": True}])
def test_a_log_that_is_not_whole_promises_nothing(lost):
    torn = reading(flights=[], windows=[], series=[], **lost)
    shown = page(torn, [], "x", "", None)

    assert "No flight in what could be read" in shown
    assert "never armed" not in shown


def test_a_fly_away_shows_how_far_it_went():
    away = NORMAL | {"return_away_s": 44.0, "return_away_boot_s": 40.0}

    assert "Distance from where it took off" in document([flight(facts=away)])
    assert "Distance from where it took off" not in document([flight(facts=NORMAL)])


def test_a_flight_of_which_nothing_but_facts_arrived_has_a_page():
    assert "The whole flight" in document(windows=[], series=[])


def test_what_changed_is_compared_with_an_earlier_log():
    before = reading(
        firmware={"version": "1.0"},
        drone_uid="ap:0022",
        parameters={"A": 1.0, "B": 0.15, "SIM_X": 1.0, "INS_ACCOFFS_X": 0.1, "GONE": 1.0},
    )
    shown = document(
        before=before,
        firmware={"version": "2.0"},
        parameters={"A": 1.0, "B": 0.25, "SIM_X": 2.0, "INS_ACCOFFS_X": 0.2},
    )
    rows = re.findall(
        r"<code>(\w[\w ]*)</code></td><td[^>]*>([^<]*)</td><td[^>]*><b>([^<]*)", shown
    )

    assert rows == [
        ("Firmware version", "1.0", "2.0"),
        ("B", "0.15", "0.25"),
        ("INS_ACCOFFS_X", "0.1", "0.2"),
        ("GONE", "1", "\u2014"),
    ]
    assert "different autopilots: ap:0022 and ap:0011" in shown


def test_poor_data_are_named():
    shown = document(
        [flight(facts=CRASH | {"force_hz": 25.0}, start={"quality": "none"})],
        damaged_bytes=5000,
        partial=True,
        bytes_seen=500_000,
        format="ulog",
        dropouts=[{"boot_s": 5.0, "duration_s": 0.5}, {"boot_s": 9.0, "duration_s": 1.5}],
    )

    for words_of_doubt in (
        "Only a part of the log was read: 500,000 bytes of 1.0 MB",
        "5,000 bytes of the log (1 %) are damaged",
        "lost data 2 times: 2 s in all, 1.5 s at the longest",
        "Nothing tells the date",
        "the real peak may have been higher",
    ):
        assert words_of_doubt in shown


@given(st.text(max_size=30))
def test_text_is_visible_and_escaped(plain):
    shown = text(plain)

    assert not set(shown) & set("<>\"'")
    assert shown.isprintable() or not plain.isprintable()
