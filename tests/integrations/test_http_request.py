import json

import pytest

from common.errors import StepError
from tests.integrations.actions import action_of
from tests.integrations.servers import always, answer, serving

pytestmark = pytest.mark.usefixtures("loopback")


def json_answer(value, status=200, **headers):
    return answer(status, json.dumps(value).encode(), {"Content-Type": "application/json", **headers})


def test_json_is_parsed_by_its_media_type_and_header_names_are_lower_case(call):
    with serving(always(json_answer({"id": 7}, **{"X-Trace": "a"}))) as server:
        output = call(url=f"{server.url}/items?a=1", query={"b": ["x y", 2], "c": None, "d": True})
    assert output["status"] == 200
    assert output["body"] == {"id": 7}
    assert output["headers"]["x-trace"] == "a"
    assert server.seen[0].target == "/items?a=1&b=x+y&b=2&d=true"


@pytest.mark.parametrize(
    ("config", "media_type", "body"),
    [
        ({"json": {"b": 1, "a": [None]}}, "application/json", b'{"a":[null],"b":1}'),
        ({"json": None}, "application/json", b"null"),
        ({"form": {"a": "x y", "b": [1, 2]}}, "application/x-www-form-urlencoded", b"a=x+y&b=1&b=2"),
        ({"body": "grüß"}, "text/plain; charset=utf-8", "grüß".encode()),
    ],
)
def test_each_kind_of_body_is_sent_with_its_media_type(call, config, media_type, body):
    with serving(always(answer(204))) as server:
        assert call(method="POST", url=server.url, **config)["body"] is None
    assert server.seen[0].body == body
    assert server.seen[0].headers["content-type"] == media_type


def test_a_file_is_sent_as_body_and_as_part(call, files):
    value = files.create(name='a"b.bin', media_type="application/x-any", content=b"\x00\xff" * 50_000)
    with serving(always(answer(204))) as server:
        call(method="PUT", url=server.url, file=value)
        call(method="POST", url=server.url, multipart={"note": "hi", "doc": value["id"], "n": 3})
    assert server.seen[0].body == files.contents[value["id"]]
    assert server.seen[0].headers["content-type"] == "application/x-any"
    body = server.seen[1].body
    assert b'name="note"\r\n\r\nhi\r\n' in body
    assert b"\x00\xff" * 50_000 in body
    assert b'name="n"\r\n\r\n3\r\n' in body


def test_two_bodies_are_refused_before_anything_is_sent(refused):
    with serving(always(answer())) as server:
        assert refused(url=server.url, json={}, body="x").code == "wrong_type"
    assert server.connections == 0


@pytest.mark.parametrize(
    ("config", "sent"),
    [
        ({"method": "POST"}, {"idempotency-key": "uid:pay:0"}),
        ({"method": "PATCH"}, {"idempotency-key": "uid:pay:0"}),
        ({"method": "GET"}, {}),
        ({"method": "POST", "idempotency_header": ""}, {}),
        ({"method": "PUT", "idempotency_header": "X-Key"}, {"x-key": "uid:pay:0"}),
        ({"method": "POST", "headers": {"Idempotency-key": "mine"}}, {"idempotency-key": "mine"}),
    ],
)
def test_the_idempotency_key_goes_where_the_config_says(call, config, sent):
    with serving(always(answer())) as server:
        call(url=server.url, **config)
    got = {name: value for name, value in server.seen[0].headers.items() if "key" in name}
    assert got == sent


def test_other_types_become_a_file_with_the_name_that_the_service_gives(call, files):
    headers = {"Content-Type": "application/pdf", "Content-Disposition": 'attachment; filename="bill.pdf"'}
    with serving(always(answer(200, b"%PDF", headers))) as server:
        file = call(url=server.url)["body"]
        assert call(url=server.url, response="text")["body"] == "%PDF"
    assert (file["name"], file["media_type"]) == ("bill.pdf", "application/pdf")
    assert files.contents[file["id"]] == b"%PDF"


def test_an_empty_body_is_null_whatever_its_type(call):
    with serving(always(answer(200, b"", {"Content-Type": "application/json"}))) as server:
        assert call(url=server.url)["body"] is None
        assert call(url=server.url, response="text")["body"] is None
    with serving(always(answer(200, b""))) as server:
        assert call(url=server.url)["body"] is None


def test_a_status_outside_the_accepted_ones_fails_with_its_answer(refused, call):
    with serving(always(json_answer({"why": "no"}, status=422))) as server:
        error = refused(url=server.url + "/pay?token=secret", method="POST")
        assert error.code == "http_error"
        assert error.answered
        assert error.detail["status"] == 422
        assert error.detail["body"] == {"why": "no"}
        assert "secret" not in error.message
        for accepted in (["any"], [422], ["422"], ["404", "4xx"]):
            assert call(url=server.url, accept_statuses=accepted)["status"] == 422
        assert refused(url=server.url, accept_statuses=["5xx", 404]).code == "http_error"


def test_a_long_refusal_is_cut_at_four_kilobytes(refused):
    with serving(always(answer(500, b"x" * 100_000))) as server:
        assert refused(url=server.url).detail["body"] == "x" * 4096


def test_401_is_an_expired_connection_only_if_there_is_a_connection(call):
    with serving(always(answer(401))) as server:
        for connection, code in ((None, "http_error"), ({"slug": "crm"}, "connection_expired")):
            with pytest.raises(StepError) as caught:
                call(url=server.url, connection=connection)
            assert caught.value.code == code


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120), ("0", 0), ("-5", None), ("soon", None), ("1e9", None), ("99999999999", 10**9), ("", None)],
)
def test_429_is_rate_limited_and_reads_retry_after(refused, header, seconds):
    with serving(always(answer(429, b"", {"Retry-After": header}))) as server:
        error = refused(url=server.url)
    assert error.code == "rate_limited"
    assert error.retry_after == seconds
    assert (error.detail["retry_at"] is None) == (seconds is None)


@pytest.mark.parametrize("status", [408, 502, 503])
def test_a_transient_status_that_asks_for_more_than_an_hour_is_rate_limited(refused, status):
    with serving(always(answer(status, b"", {"Retry-After": "3601"}))) as server:
        error = refused(url=server.url)
        assert error.code == "rate_limited"
        assert error.detail["retry_at"] in error.message
    with serving(always(answer(status, b"", {"Retry-After": "3600"}))) as server:
        error = refused(url=server.url)
        assert (error.code, error.retry_after) == ("http_error", 3600)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>", b"{", b'{"a": NaN}', b"[Infinity]", b"[1e400]", b"[-1e400]", b'"\\ud800"', b'{"\\udfff": 1}',
        b"[" * 10_000 + b"]" * 10_000, b"[" * 201 + b"]" * 201, b"\xff\xfe\xfd", b'"\xed\xa0\x80"', b"1 2",
        b"[" + b"9" * 5000 + b"]",
    ],
)  # fmt: skip
def test_json_that_cannot_be_kept_is_a_bad_response(refused, body):
    with serving(always(answer(200, body, {"Content-Type": "application/json"}))) as server:
        error = refused(url=server.url)
    assert error.code == "bad_response"
    assert error.detail["status"] == 200


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ('{"a": "ü"}'.encode("utf-16"), {"a": "ü"}),
        (b'"\\u0000"', "\0"),
        (b'"\\ud83d\\ude00"', "😀"),
        (b"[" * 200 + b"]" * 200, None),
        (b" \n ", None),
        (b"12345678901234567890123", 12345678901234567890123),
    ],
)
def test_json_in_unusual_form_is_read(call, body, value):
    with serving(
        always(answer(200, body, {"Content-Type": "application/problem+json; charset=x"}))
    ) as server:
        output = call(url=server.url)["body"]
    assert value is None or output == value


def test_text_is_decoded_by_its_charset_and_refused_when_it_lies(call, refused):
    with serving(
        always(answer(200, "ü".encode("latin-1"), {"Content-Type": "text/plain; charset=ISO-8859-1"}))
    ) as s:
        assert call(url=s.url)["body"] == "ü"
    for charset in ("utf-8", "klingon"):
        content = answer(200, b"\xff", {"Content-Type": f"text/plain; charset={charset}"})
        with serving(always(content)) as server:
            assert refused(url=server.url).code == "bad_response"


@pytest.mark.parametrize(
    "config",
    [
        {"url": "ftp://example.com/"}, {"url": "file:///etc/passwd"}, {"url": "gopher://x/"}, {"url": "example.com"},
        {"url": "http://"}, {"url": "http://user:pass@example.com/"}, {"url": "http://example.com/\r\nX: 1"},
        {"url": "http://example.com\\@127.0.0.1/"}, {"url": "http://example.com/ x"}, {"url": "http://[::1"},
        {"url": "http://example.com:99999/"}, {"url": "http://xn--/"}, {"url": "http://xn--999999999/"}, {"url": "http://example.com/" + "a" * 9000}, {},
        {"url": "http://example.com/", "headers": {"X": "a\r\nY: b"}},
        {"url": "http://example.com/", "headers": {"X Y": "a"}},
        {"url": "http://example.com/", "headers": {"Host": "inside"}},
        {"url": "http://example.com/", "headers": {"Transfer-Encoding": "chunked"}},
        {"url": "http://example.com/", "headers": {"X": "\ud800"}},
        {"url": "http://example.com/", "method": "TRACE"},
        {"url": "http://example.com/", "extra": 1},
        {"url": 5},
    ],
)  # fmt: skip
def test_a_request_that_must_not_be_sent_is_refused_as_wrong_type(refused, config):
    error = refused(**config)
    assert error.code == "wrong_type"


def test_only_methods_that_do_no_harm_twice_are_idempotent():
    action = action_of("http.request")
    repeatable = {
        m
        for m in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "POST", "PATCH")
        if action.idempotent({"method": m})
    }
    assert repeatable == {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}
    assert action.idempotent({})


def test_connections_are_used_again_and_cookies_are_not(call):
    with serving(always(json_answer({}, **{"Set-Cookie": "session=1"}))) as server:
        for _ in range(5):
            call(url=server.url)
    assert server.connections == 1
    assert all("cookie" not in seen.headers for seen in server.seen)
