"""What each generation of InfluxDB answers, as its source and its documentation have it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windsock.collector.influx.replies import Down, Refusal, Written, read_reply

CONFLICT = (
    'partial write: field type conflict: input field "n" on measurement "flight" is type float,'
    " already exists as type integer dropped=1"
)
BAD_LINE = "flight n=x 1000"
FAULT = {
    "original_line": BAD_LINE,
    "line_number": 2,
    "error_message": "No fields were provided",
}


def reply(status, body="", **headers):
    body = body if isinstance(body, str) else json.dumps(body)
    return read_reply(status, body.encode(), headers)


@pytest.mark.parametrize("status", [200, 204])
def test_it_is_written(status):
    assert reply(status) == Written()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": "partial write: points beyond retention policy dropped=3"}),
        (
            422,
            {
                "code": "unprocessable entity",
                "message": "failure writing points to database: partial write: points beyond"
                " retention policy dropped=3",
            },
        ),
        (
            422,
            {
                "code": "unprocessable entity",
                "message": "failure writing points to database: partial write: dropped 3 points"
                " outside retention policy of duration 72h0m0s - oldest point flight at"
                " 2025-08-26T03:26:38Z dropped because it violates a Retention Policy Lower Bound",
            },
        ),
    ],
    ids=["1.x", "2.0", "2.7"],
)
def test_what_the_retention_forbids_is_not_asked_again(status, body):
    assert reply(status, body) == Written()


@pytest.mark.parametrize(
    ("status", "body", "numbers", "texts"),
    [
        (400, {"error": CONFLICT}, (), ()),
        (400, {"error": f"unable to parse '{BAD_LINE}': invalid boolean"}, (), (BAD_LINE,)),
        (
            400,
            {
                "error": f"partial write: unable to parse '{BAD_LINE}': invalid boolean\n"
                "unable to parse 'b': missing fields dropped=0"
            },
            (),
            (BAD_LINE, "b"),
        ),
        (413, {"error": "Request Entity Too Large"}, (), ()),
        (422, {"code": "unprocessable entity", "message": f"failure writing: {CONFLICT}"}, (), ()),
        (
            400,
            {"code": "invalid", "message": f"unable to parse '{BAD_LINE}': invalid boolean"},
            (),
            (BAD_LINE,),
        ),
        (400, {"error": "partial write of line protocol occurred", "data": [FAULT]}, (1,), ()),
        (400, {"error": "parsing failed for write_lp endpoint", "data": FAULT}, (1,), ()),
        (
            400,
            {"code": "invalid", "message": "errors encountered on line(s): line 2: bad, line 7:"},
            (1, 6),
            (),
        ),
        (400, "<html>", (), ()),
    ],
    ids=["1 type", "1 parse", "1 both", "1 size", "2 type", "2 parse", "3", "3 all", "cloud", "-"],
)
def test_it_is_refused(status, body, numbers, texts):
    found = reply(status, body)

    assert isinstance(found, Refusal)
    assert (found.numbers, found.texts) == (numbers, texts)
    assert str(status) in found.reason


def test_the_reason_of_a_line_is_told():
    found = reply(400, {"error": "partial write of line protocol occurred", "data": [FAULT]})

    assert "No fields were provided" in found.reason


@pytest.mark.parametrize(
    ("status", "body", "headers", "wait_s"),
    [
        (404, {"error": 'database not found: "x"'}, {}, 0),
        (401, {"code": "unauthorized", "message": "unauthorized access"}, {}, 0),
        (500, {"error": "engine: cache-max-memory-size exceeded: (1/1)"}, {}, 0),
        (500, {"error": "write failed: hinted handoff queue not empty"}, {}, 0),
        (429, {"code": "too many requests", "message": "limit"}, {"retry-after": "30"}, 30),
        (503, "", {"Retry-After": "7"}, 7),
        (503, "", {"Retry-After": "99999999"}, 3600),
        (503, "", {"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}, 0),
        (302, "", {}, 0),
    ],
)
def test_it_may_be_asked_again(status, body, headers, wait_s):
    found = reply(status, body, **headers)

    assert isinstance(found, Down)
    assert found.retry_after_s == wait_s


def test_an_address_that_it_does_not_have_is_a_setting_to_look_at():
    assert "influx.api" in reply(404, "404 page not found").reason
    assert "influx.api" not in reply(404, {"error": "no such database"}).reason


@given(
    st.integers(100, 599),
    st.binary(max_size=200) | st.text().map(str.encode),
    st.dictionaries(st.sampled_from(["Retry-After", "x"]), st.text(max_size=20)),
)
def test_any_reply_is_read(status, body, headers):
    assert isinstance(read_reply(status, body, headers), Written | Refusal | Down)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "message", "data", "line_number", "error_message"]), inner
        )
    ),
    max_leaves=9,
)


@given(st.sampled_from([400, 413, 422]), JSON)
def test_any_json_is_read(status, body):
    assert isinstance(reply(status, json.dumps(body)), Written | Refusal)
