import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from common.clock import monotonic
from common.errors import StepError
from integrations.outbound import client as outbound
from integrations.outbound.addresses import AddressPolicy
from integrations.outbound.limits import Limits
from integrations.outbound.requests import Outgoing
from tests.integrations.servers import always, answer, serving

# ------------------------------------------------------------------ addresses
LOOPBACK_FORMS = [
    "127.0.0.1", "127.1", "127.0.1", "0", "0.0.0.0", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1",
    "localhost", "LOCALHOST", "localhost.", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
    "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[0:0:0:0:0:0:0:1]", "127.0.0.1.", "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460", "127\u30020\u30020\u30021", "[::]",
]  # fmt: skip


@pytest.mark.parametrize("host", LOOPBACK_FORMS)
def test_no_form_of_the_loopback_address_is_reached(refused, settings, host):
    settings.OUTBOUND_PRIVATE_HOSTS = []
    with serving(always(answer())) as server:
        error = refused(url=f"http://{host}:{server.port}/")
    assert server.connections == 0
    assert error.code in ("network_error", "wrong_type")


def test_a_refused_address_says_so_and_is_never_answered_by_trying_again(refused, settings):
    settings.OUTBOUND_PRIVATE_HOSTS = []
    error = refused(url="http://169.254.169.254/latest/meta-data/")
    assert (error.code, error.reason) == ("network_error", "address_refused")
    assert "OUTBOUND_PRIVATE_HOSTS" in error.message


def test_a_redirect_to_a_closed_address_is_not_followed(refused, settings):
    with serving(always(answer())) as inside:
        location = f"http://127.0.0.2:{inside.port}/"
        with serving(always(answer(302, b"", {"Location": location}))) as server:
            settings.OUTBOUND_PRIVATE_HOSTS = [server.host]
            error = refused(url=server.url, method="POST")
    assert inside.connections == 0
    assert error.reason == "address_refused"
    assert not error.retryable


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://a:b@127.0.0.1/",
        "http://x\\y/",
        "http://[::1",
        "http://xn--/",
        "//a:99999/",
        "http://" + "a" * 9000,
    ],
)
def test_a_redirect_to_something_else_than_http_is_not_followed(refused, loopback, location):
    with serving(always(answer(302, b"", {"Location": location}))) as server:
        assert refused(url=server.url).code == "bad_response"
    assert len(server.seen) == 1


def exchange(policy, resolver, url, **more):
    limits = Limits(deadline=monotonic() + 5)
    client = outbound.Client(policy=AddressPolicy.parse(policy), resolver=resolver, **more)
    try:
        with client.exchange(Outgoing(method="GET", url=httpx.URL(url)), limits=limits) as got:
            return got.status, got.read(1000)
    finally:
        client.close()


def test_a_name_that_changes_its_address_between_check_and_connect_gains_nothing():
    asked = []

    def rebinding(name, port):
        asked.append(name)
        return ["93.184.216.34"] if len(asked) == 1 else ["127.0.0.1"]

    with serving(always(answer())) as server:
        for _ in range(3):
            with pytest.raises(StepError):
                exchange([], rebinding, f"http://rebind.example:{server.port}/")
    assert server.connections == 0


def test_a_name_with_one_inside_address_among_its_addresses_is_refused():
    with serving(always(answer())) as server:
        with pytest.raises(StepError) as caught:
            exchange([], lambda name, port: ["8.8.8.8", "127.0.0.1"], f"http://mixed.example:{server.port}/")
    assert caught.value.reason == "address_refused"
    assert server.connections == 0


def test_an_opened_name_is_reached_at_the_address_that_was_resolved_with_its_own_host_header():
    with serving(always(answer(200, b"hi"))) as server:
        url = f"http://intranet.example:{server.port}/"
        assert exchange(["intranet.example"], lambda name, port: ["127.0.0.1"], url) == (200, b"hi")
    assert server.seen[0].headers["host"] == f"intranet.example:{server.port}"


def test_an_unknown_name_is_a_network_error_that_may_be_tried_again():
    def unknown(name, port):
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(StepError) as caught:
        exchange([], unknown, "http://nowhere.example/")
    assert (caught.value.code, caught.value.retryable) == ("network_error", True)


def test_a_resolver_that_hangs_ends_at_the_deadline():
    release = threading.Event()
    started = monotonic()

    def hanging(name, port):
        release.wait(20)
        return []

    client = outbound.Client(policy=AddressPolicy(), resolver=hanging)
    with pytest.raises(StepError) as caught:
        with client.exchange(
            Outgoing(method="GET", url=httpx.URL("http://slow.example/")),
            limits=Limits(deadline=started + 0.5),
        ):
            pass
    release.set()
    assert (caught.value.code, caught.value.retryable) == ("timeout", True)
    assert monotonic() - started < 2


# ------------------------------------------------------------------ credentials
def test_credentials_do_not_cross_to_another_host_and_stay_on_the_same(call, loopback):
    secret = {
        "Authorization": "Bearer s3cret",
        "Cookie": "a=s3cret",
        "X-Api-Key": "s3cret",
        "Accept": "text/x",
    }
    with serving(always(answer(200, b"end"))) as other:
        with serving(always(answer(307, b"", {"Location": f"{other.url}/there"}))) as server:
            call(url=server.url, headers=secret)
    assert server.seen[0].headers["authorization"] == "Bearer s3cret"
    assert "s3cret" not in str(other.seen[0].headers)
    assert other.seen[0].headers["accept"] == "text/x"

    def back_home(connection, seen):
        connection.sendall(answer(302, b"", {"Location": "/home"}) if seen.target == "/" else answer())

    with serving(back_home) as server:
        call(url=server.url, headers=secret)
    assert server.seen[1].headers["x-api-key"] == "s3cret"


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        (303, "POST", "GET"),
        (302, "POST", "GET"),
        (307, "POST", "POST"),
        (308, "PUT", "PUT"),
        (301, "DELETE", "DELETE"),
    ],
)
def test_redirects_change_the_method_as_browsers_do(call, loopback, status, method, then):
    def respond(connection, seen):
        connection.sendall(answer(status, b"", {"Location": "/2"}) if seen.target == "/" else answer())

    with serving(respond) as server:
        call(url=server.url, method=method, json={"a": 1})
    assert server.seen[1].method == then
    assert server.seen[1].body == (b"" if then == "GET" else b'{"a":1}')


def test_redirects_are_bounded_and_can_be_turned_off(refused, call, loopback):
    with serving(always(answer(302, b"", {"Location": "/again"}))) as server:
        assert refused(url=server.url).code == "bad_response"
        assert len(server.seen) == 6
        output = call(url=server.url, redirects=0, accept_statuses=["3xx"])
    assert output["headers"]["location"] == "/again"


# ------------------------------------------------------------------ one client for all threads
def test_threads_that_come_at_once_share_the_one_client_that_is_made(monkeypatch, settings):
    made = []

    class SlowlyMade(outbound.Client):
        def __init__(self, **given):
            made.append(given)
            time.sleep(0.1)
            super().__init__(**given)

    monkeypatch.setattr(outbound, "Client", SlowlyMade)
    settings.OUTBOUND_PRIVATE_HOSTS = ["127.0.0.3/32"]  # a policy of its own
    together = threading.Barrier(8)

    def ask(_number):
        together.wait()
        outgoing = Outgoing(method="GET", url=httpx.URL("http://127.0.0.3/"))
        outbound.exchange(outgoing, limits=Limits(deadline=monotonic() + 9))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))
    assert len(made) == 1


# ------------------------------------------------------------------ TLS and proxy
def test_a_service_that_cannot_prove_who_it_is_gets_no_request(refused, loopback, tmp_path):
    certificate = make_certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))

    def accept():
        connection, _ = listener.accept()
        with pytest.raises(OSError):
            tls.wrap_socket(connection, server_side=True)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    error = refused(url=f"https://127.0.0.1:{listener.getsockname()[1]}/", method="POST")
    thread.join(5)
    listener.close()
    assert (error.code, error.reason, error.retryable) == ("network_error", "certificate", True)


def test_through_a_proxy_inside_addresses_stay_closed(refused, call, settings):
    with serving(always(answer(200, b"by proxy", {"Content-Type": "text/plain"}))) as proxy:
        settings.OUTBOUND_PRIVATE_HOSTS = []
        settings.OUTBOUND_PROXY = proxy.url
        assert refused(url="http://127.0.0.1:9/").reason == "address_refused"
        assert refused(url="http://localhost/").reason == "address_refused"
        assert len(proxy.seen) == 0
        assert call(url="http://8.8.8.8/path")["body"] == "by proxy"
    assert proxy.seen[0].target == "http://8.8.8.8/path"


def make_certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
