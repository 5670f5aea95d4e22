import gzip
import resource
import socket
import threading
import zlib

import pytest

from common.clock import monotonic
from common.errors import StepError
from tests.integrations.actions import run_action
from tests.integrations.servers import always, answer, serving


# ------------------------------------------------------------------ time
def trickle(head: bytes, piece: bytes, stop: threading.Event):
    def respond(connection, seen):
        connection.sendall(head)
        while not stop.wait(0.1):
            connection.sendall(piece)
        return False

    return respond


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    ],
)
def test_a_server_that_trickles_ends_at_the_deadline(refused, loopback, head, piece):
    stop = threading.Event()
    with serving(trickle(head, piece, stop)) as server:
        started = monotonic()
        error = refused(url=server.url, seconds=1.0, response="text")
        assert monotonic() - started < 2
        stop.set()
    assert (error.code, error.answered, error.retryable) == ("timeout", False, False)


def test_a_server_that_never_reads_ends_at_the_deadline(refused, loopback, files):
    listener = socket.create_server(("127.0.0.1", 0), backlog=1)
    value = files.create(name="big", media_type="a/b", content=b"x" * 30_000_000)
    started = monotonic()
    error = refused(
        url=f"http://127.0.0.1:{listener.getsockname()[1]}/", method="PUT", file=value, seconds=1.0
    )
    listener.close()
    assert error.code == "timeout"
    assert monotonic() - started < 3


def test_a_cancel_is_seen_while_waiting_for_the_answer(context, loopback):
    one = context(seconds=30)
    release = threading.Event()
    with serving(lambda connection, seen: release.wait(20) and False) as server:
        threading.Timer(0.3, one.cancelled.set).start()
        started = monotonic()
        with pytest.raises(StepError) as caught:
            run_action("http.request", {"url": server.url}, one)
        release.set()
    assert caught.value.code == "cancelled"
    assert monotonic() - started < 3


def test_no_connection_may_be_tried_again_and_a_lost_one_is_unknown(refused, loopback):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = refused(url=f"http://127.0.0.1:{port}/", method="POST")
    assert (error.code, error.retryable, error.answered) == ("network_error", True, True)
    with serving(lambda connection, seen: False) as server:
        error = refused(url=server.url, method="POST")
    assert (error.code, error.retryable, error.answered) == ("network_error", False, False)


# ------------------------------------------------------------------ size
def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_compressed_bomb_is_cut_while_it_is_decoded(refused, loopback, encoding):
    zeros = b"\0" * (1 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, 31 if encoding == "gzip" else 15)
    bomb = b"".join(packer.compress(zeros) for _ in range(500)) + packer.flush()
    headers = {"Content-Type": "text/plain", "Content-Encoding": encoding}
    with serving(always(answer(200, bomb, headers))) as server:
        before = peak_megabytes()
        error = refused(url=server.url)
    assert error.code == "limit_exceeded"
    assert peak_megabytes() - before < 50


def test_an_endless_answer_is_cut(refused, loopback):
    def respond(connection, seen):
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        while True:
            connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")

    with serving(respond) as server:
        started = monotonic()
        assert refused(url=server.url).code == "limit_exceeded"
        assert monotonic() - started < 5


def test_a_file_is_cut_at_its_own_bound(context, loopback, settings, files):
    settings.MAX_FILE_BYTES = 100_000
    with serving(always(answer(200, b"x" * 100_001, {"Content-Type": "image/png"}))) as server:
        with pytest.raises(StepError) as caught:
            run_action("http.request", {"url": server.url}, context())
    assert caught.value.code == "limit_exceeded"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_compressed_answers_are_decoded(call, loopback, encoding):
    packed = gzip.compress(b"hello") if encoding == "gzip" else zlib.compress(b"hello")
    headers = {"Content-Type": "text/plain", "Content-Encoding": encoding}
    with serving(always(answer(200, packed, headers))) as server:
        assert call(url=server.url)["body"] == "hello"
    if encoding == "deflate":
        bare = zlib.compress(b"hello")[2:-4]
        with serving(always(answer(200, bare, headers))) as server:
            assert call(url=server.url)["body"] == "hello"
    else:
        with serving(always(answer(200, packed + gzip.compress(b" you") + b"\0\0", headers))) as server:
            assert call(url=server.url)["body"] == "hello you"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"not gzip"),
        ("gzip", gzip.compress(b"x" * 100, mtime=0)[:-9]),
        ("br", b"x"),
        ("gzip, gzip", b"x"),
        ("deflate", b"\x78zz"),
    ],
)
def test_a_damaged_or_unasked_encoding_is_a_bad_response(refused, loopback, encoding, body):
    with serving(
        always(answer(200, body, {"Content-Type": "text/plain", "Content-Encoding": encoding}))
    ) as server:
        assert refused(url=server.url).code == "bad_response"


@pytest.mark.parametrize(
    "content",
    [
        b"HTTP/1.1 200 OK\r\n"
        + b"".join(b"X-%d: 1\r\n" % i for i in range(1000))
        + b"Content-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000 + b"\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 99999 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
    ],
)
def test_answers_that_are_not_http_fail_the_step_and_nothing_else(refused, loopback, content):
    def respond(connection, seen):
        connection.sendall(content)
        return False

    with serving(respond) as server:
        assert refused(url=server.url, seconds=5).code in ("network_error", "bad_response")


def test_many_threads_use_the_client_at_once(context, loopback):
    with serving(always(answer(200, b"{}", {"Content-Type": "application/json"}))) as server:
        results = []

        def work():
            for _ in range(20):
                results.append(run_action("http.request", {"url": server.url}, context())["status"])

        threads = [threading.Thread(target=work) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert results == [200] * 320
