"""A process that has connections leaves new ones to others; what others took is no error.

A thread stays with a connection that asks again at once, while there are threads enough. Who is
slow holds none: neither by silence, nor by headers or a body that never end, nor by an answer
that is not taken, nor by a connection that is left open.
"""

from __future__ import annotations

import errno
import io
import os
import resource
import select
import selectors
import socket
import tempfile
import threading
import time
from types import SimpleNamespace

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers import gthread
from gunicorn.workers.gthread import ThreadWorker
from werkzeug.exceptions import RequestTimeout
from werkzeug.wrappers import Request, Response
from werkzeug.wsgi import wrap_file

from geomap.web import parting, patience, workers
from geomap.web.parting import Parting
from geomap.web.patience import PatientSocket, limit_stalls
from geomap.web.workers import PlainWorker, SharingWorker


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        with socket.create_connection(listening.getsockname()):
            yield listening


def worker(connections: int) -> SharingWorker:
    made = object.__new__(SharingWorker)
    made.nr_conns = connections
    return made


def test_a_connection_that_another_process_took_meanwhile_is_left_to_it(listener, monkeypatch):
    taken = []
    monkeypatch.setattr(workers.time, "sleep", lambda _: taken.append(listener.accept()[0]))
    busy = worker(3)
    busy.accept(listener)
    assert (len(taken), busy.nr_conns) == (1, 3)
    taken[0].close()


def test_an_idle_process_accepts_at_once(listener, monkeypatch):
    accepted = []
    monkeypatch.setattr(workers.time, "sleep", lambda _: pytest.fail("waited"))
    monkeypatch.setattr(ThreadWorker, "accept", lambda _, each: accepted.append(each))
    worker(0).accept(listener)
    assert accepted == [listener]


class _Known(SimpleNamespace):
    """A connection, as gunicorn knows it: one is not like another."""

    __hash__ = object.__hash__


@pytest.fixture
def answered(monkeypatch):
    """The requests that gunicorn's own way of answering was given: it reads a byte of each."""
    given = []

    def handle(_, conn):
        given.append(conn.sock.recv(1))
        return given[-1] != b"."  # the last one closes the connection

    monkeypatch.setattr(ThreadWorker, "handle", handle)
    return given


@pytest.mark.parametrize(
    ("sent", "buffered", "connections", "alive", "expected"),
    [
        (b"a", b"", 1, True, [b"a"]),
        (b"abc", b"", 1, True, [b"a", b"b", b"c"]),
        (b"ab.d", b"", 8, True, [b"a", b"b", b"."]),
        (b"abc", b"", 9, True, [b"a"]),
        (b"abc", b"", 1, False, [b"a"]),
        (b"abc", b"read ahead", 1, True, [b"a"]),
    ],
)
def test_a_thread_stays_while_requests_follow_and_no_connection_waits(  # noqa: PLR0917 (cases)
    answered, sent, buffered, connections, alive, expected
):
    own = object.__new__(PlainWorker)
    own.nr_conns, own.alive, own.cfg = connections, alive, SimpleNamespace(threads=8)
    own._reading, own._parting = {}, Parting()
    reader = SimpleNamespace(unreader=SimpleNamespace(buf=io.BytesIO(buffered)))
    client, ours = socket.socketpair()
    with client, ours:
        client.sendall(sent)
        kept = own.handle(_Known(sock=ours, parser=reader, initialized=True))
    assert (answered, kept) == (expected, expected[-1] != b".")


@pytest.fixture
def served():
    """A worker's threads and poller at work, over a small application."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        limit_stalls(listening)
        own = made(listening)
        loop = threading.Thread(target=own.run)
        loop.start()
        yield listening.getsockname()
        own.alive = False
        loop.join()
        own.tpool.shutdown()
        own.tmp.close()


def made(listening: socket.socket) -> PlainWorker:
    cfg = Config()
    cfg.set("threads", 2)
    cfg.set("keepalive", 0)
    own = PlainWorker(1, os.getppid(), [listening], None, 10, cfg, Logger(cfg))
    own.poller, own.tpool = selectors.DefaultSelector(), own.get_thread_pool()
    own.method_queue.init()
    own.wsgi = answer
    return own


#: More than the system takes of an answer that nobody reads.
LARGE = bytes(range(256)) * 65_536


@Request.application
def answer(request):
    """Give back how long the body is; or something large, as bytes or as a file."""
    if request.path == "/bytes":
        return Response(LARGE)
    if request.path == "/file":
        file = tempfile.TemporaryFile()  # noqa: SIM115 (who takes the answer closes it)
        file.write(LARGE)
        file.seek(0)
        return Response(
            wrap_file(request.environ, file),
            headers={"Content-Length": str(len(LARGE))},
            direct_passthrough=True,
        )
    return Response(str(len(request.get_data())))


def connected(address, line, *headers) -> socket.socket:
    made = socket.create_connection(address, timeout=20)
    made.sendall("\r\n".join([f"{line} HTTP/1.1", "Host: a", *headers, "", ""]).encode())
    return made


def ask(address) -> bytes:
    with connected(address, "GET /") as asking:
        return asking.recv(15)


def read_to_end(asking) -> tuple[bytes, bytes]:
    """Read an answer: its head and its body."""
    with asking, asking.makefile("rb") as answer:
        head, _, body = answer.read().partition(b"\r\n\r\n")
        return head, body


def test_more_silent_connections_than_threads_keep_nobody_waiting(served, monkeypatch):
    monkeypatch.setattr(gthread, "DEFAULT_WORKER_DATA_TIMEOUT", 60.0)
    silent = [socket.create_connection(served) for _ in range(5)]
    assert ask(served) == b"HTTP/1.1 200 OK"
    silent[0].sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert silent[0].recv(15) == b"HTTP/1.1 200 OK"
    for each in silent:
        each.close()


def test_headers_that_never_end_lose_their_thread(served, monkeypatch):
    monkeypatch.setattr(workers, "_ASK_S", 0.2)
    slow = [socket.create_connection(served) for _ in range(3)]
    for each in slow:
        each.sendall(b"GET / HTTP/1.1\r\nHo")
    assert ask(served) == b"HTTP/1.1 200 OK"
    for each in slow:
        each.close()


@pytest.mark.parametrize("length", ["Content-Length: 999", "Transfer-Encoding: chunked"])
def test_a_body_that_only_drips_is_refused_and_loses_its_thread(served, monkeypatch, length):
    monkeypatch.setattr(patience, "_STALL_S", 0.3)
    monkeypatch.setattr(parting, "_LINGER_S", 0.1)
    slow = [connected(served, "POST /", length) for _ in range(3)]
    slow[0].sendall(b"3e7\r\n")
    over = threading.Event()

    def drip():
        while not over.wait(0.05):
            slow[0].sendall(b"x")

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        assert ask(served) == b"HTTP/1.1 200 OK"
        refused = slow[0].recv(600)
    finally:
        over.set()
        dripping.join()
    assert refused.startswith(b"HTTP/1.1 408 ")
    assert b"Connection: close" in refused
    for each in slow:
        each.close()


def test_a_body_that_keeps_the_least_rate_may_take_longer_than_the_patience(served, monkeypatch):
    monkeypatch.setattr(patience, "_STALL_S", 1.5)
    asking = connected(served, "POST /", "Content-Length: 10000")
    for _ in range(20):
        time.sleep(0.1)
        asking.sendall(b"x" * 500)
    assert read_to_end(asking)[1] == b"10000"


def test_who_sent_much_has_no_more_patience_left_than_others(monkeypatch):
    monkeypatch.setattr(patience, "_STALL_S", 0.05)
    client, ours = socket.socketpair()
    closed = []
    with client, PatientSocket(fileno=ours.detach()) as own:
        client.sendall(b"x" * 100_000)
        with own.answering(SimpleNamespace(force_close=lambda: closed.append(1))):
            assert len(own.recv(200_000)) == 100_000
            with pytest.raises(RequestTimeout):
                own.recv(1)
    assert closed == [1]


@pytest.mark.parametrize("path", ["/bytes", "/file"])
def test_an_answer_that_nobody_takes_loses_its_thread(served, monkeypatch, path):
    monkeypatch.setattr(patience, "_STALL_S", 0.3)
    monkeypatch.setattr(parting, "_LINGER_S", 0.1)
    slow = [connected(served, f"GET {path}") for _ in range(3)]
    assert ask(served) == b"HTTP/1.1 200 OK"
    for each in slow:
        each.close()


@pytest.mark.parametrize("path", ["/bytes", "/file"])
def test_a_large_answer_arrives_whole_where_it_is_taken_by_and_by(served, path):
    assert read_to_end(connected(served, f"GET {path}", "Connection: close"))[1] == LARGE


@pytest.mark.parametrize("line", ["GET / HTTP/1.1\r\nHost: a\r\nConnection: close", "GARBAGE"])
def test_connections_that_are_left_open_keep_no_other_waiting(served, monkeypatch, line):
    monkeypatch.setattr(parting, "_LINGER_S", 60)
    left_open = [socket.create_connection(served, timeout=20) for _ in range(5)]
    for each in left_open:
        each.sendall(f"{line}\r\n\r\n".encode())
    for each in left_open:
        assert each.recv(9) == b"HTTP/1.1 "
    assert ask(served) == b"HTTP/1.1 200 OK"
    for each in left_open:
        each.close()


def test_an_answer_arrives_whole_though_more_was_sent_than_is_read(served):
    asking = connected(served, "POST /bytes", "Connection: close", "Content-Length: 3")
    asking.sendall(b"abc" + b"x" * 300_000)
    assert read_to_end(asking)[1] == LARGE


def test_what_parts_is_closed_when_its_time_is_over_or_at_once_where_too_many_do(monkeypatch):
    monkeypatch.setattr(parting, "_LINGER_S", 0.2)
    own = Parting()
    for most in (256, 0):
        monkeypatch.setattr(parting, "_MOST", most)
        client, ours = socket.socketpair()
        client.settimeout(20)
        own.take(ours)
        assert client.recv(1) == b""  # nothing more comes
        closed = select.poll()
        closed.register(client, select.POLLHUP)
        assert closed.poll(20_000)
        client.close()
    own.take(ours)  # closed already


def test_connections_part_where_no_more_files_may_be_opened():
    client, ours = socket.socketpair()
    own, limits = Parting(), resource.getrlimit(resource.RLIMIT_NOFILE)
    with client:
        client.settimeout(20)
        resource.setrlimit(resource.RLIMIT_NOFILE, (ours.fileno(), limits[1]))
        try:
            own.take(ours)
            assert client.recv(1) == b""
            closed = select.poll()
            closed.register(client, select.POLLHUP)
            assert closed.poll(20_000)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_too_many_open_files_end_no_worker(monkeypatch):
    def full(*_):
        raise OSError(errno.EMFILE, "Too many open files")

    said = []
    monkeypatch.setattr(ThreadWorker, "accept", full)
    own = object.__new__(PlainWorker)
    own.log = SimpleNamespace(warning=lambda text, why: said.append(text % why))
    own.accept(None)
    assert said == ["a connection waits: Too many open files"]
