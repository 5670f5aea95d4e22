"""Log lines: one JSON object each in production, with the request's id and without credentials."""

import json
import logging
import logging.config

import pytest
from django.test import Client

from config.logs import MASK, access_log_level, logging_settings, redact
from tests.factories import make_token


@pytest.fixture
def lines():
    """What is logged in production form while the test runs."""
    written = []

    class Sink(logging.Handler):
        def emit(self, record):
            written.append(self.format(record))

    settings = logging_settings(debug=False, level="INFO")["formatters"]["line"]
    sink = Sink()
    sink.setFormatter(
        settings["()"](processors=settings["processors"], foreign_pre_chain=settings["foreign_pre_chain"])
    )
    root = logging.getLogger()
    before = root.level
    root.addHandler(sink)
    root.setLevel(logging.INFO)
    yield written
    root.removeHandler(sink)
    root.setLevel(before)


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        ({"authorization": "Token abc"}, {"authorization": MASK}),
        ({"Cookie": "sessionid=1"}, {"Cookie": MASK}),
        (
            {"event": "Internal Server Error: /join/aB3_d-x/"},
            {"event": f"Internal Server Error: /join/{MASK}/"},
        ),
        ({"event": "sent Token 0123456789abcdef0123"}, {"event": f"sent Token {MASK}"}),
        ({"event": "sent bearer ey.a-b_c~d+e/f=0123456789"}, {"event": f"sent bearer {MASK}"}),
        ({"event": "the token was short", "n": 5}, {"event": "the token was short", "n": 5}),
    ],
)
def test_credentials_are_masked(event, shown):
    assert redact(None, "info", event) == shown


def test_a_line_is_one_object_whatever_the_text(lines):
    logging.getLogger("x").info("two\nlines and \x1b[31mred", extra={"job": 7})
    (line,) = lines
    assert "\n" not in line
    assert "\x1b" not in line
    entry = json.loads(line)
    assert entry["event"] == "two\nlines and \x1b[31mred"
    assert (entry["job"], entry["level"], entry["logger"]) == (7, "info", "x")


def test_a_traceback_is_in_the_line_without_the_credential_in_it(lines):
    try:
        raise ValueError("refused Bearer 0123456789abcdef0123456789")
    except ValueError:
        logging.getLogger("x").exception("failed")
    entry = json.loads(lines[0])
    assert "ValueError" in entry["exception"]
    assert "0123456789abcdef" not in lines[0]


@pytest.mark.django_db
def test_a_request_is_one_line_with_id_and_actor_but_no_query_and_no_key(lines, settings):
    settings.DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = access_log_level(debug=False)
    token, key = make_token(name="nightly")
    Client().get(
        "/api/v1/tokens/?cursor=abcsecret",
        headers={"Authorization": f"Token {key}", "X-Request-ID": "trace-9"},
    )
    entries = [json.loads(line) for line in lines if "request_finished" in line]
    (entry,) = entries
    assert entry["request_id"] == "trace-9"
    assert entry["actor"] == f"token:nightly ({token.user.username})"
    assert entry["request"] == "GET /api/v1/tokens/"
    assert key not in "".join(lines)
    assert "abcsecret" not in "".join(lines)


def test_the_secret_in_a_path_is_not_logged(lines):
    Client().post("/callbacks/verysecret/")
    Client().post("/hooks/verysecret/x/")
    assert "verysecret" not in "".join(lines)
