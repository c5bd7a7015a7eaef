"""Threads stay with a connection whose questions follow one another, and lose none."""

from __future__ import annotations

import socket
import threading
import time
from types import SimpleNamespace

import pytest
from gunicorn.workers.gthread import ThreadWorker

from geomap.web.threads import StayingWorker


class Plain:
    """A worker of two threads that counts what it answers: one byte for each question."""

    def __init__(self, *, connections=1):
        self.alive, self.cfg = True, SimpleNamespace(threads=2)
        self.nr_conns, self.keepalived_conns, self.pending_conns = connections, [], []
        self.answered = 0

    def answer(self, conn):
        if not conn.sock.recv(1):
            return False
        self.answered += 1
        return True


@pytest.fixture
def pair():
    own, other = socket.socketpair()
    with own, other:
        yield SimpleNamespace(sock=own, is_http2=False), other


def handle(worker, conn, monkeypatch):
    monkeypatch.setattr(ThreadWorker, "handle", Plain.answer)
    staying = StayingWorker.__new__(StayingWorker)
    vars(staying).update(vars(worker))
    kept = staying.handle(conn)
    return kept, staying.answered


def test_a_first_question_gives_the_connection_back(pair, monkeypatch):
    conn, client = pair
    client.send(b"??")
    assert handle(Plain(), conn, monkeypatch) == (True, 1)


def test_questions_that_follow_at_once_are_answered_by_the_same_thread(pair, monkeypatch):
    conn, client = pair
    conn.answered = time.monotonic()
    client.send(b"?????")
    assert handle(Plain(), conn, monkeypatch) == (True, 5)


def test_the_end_of_a_connection_is_the_end(pair, monkeypatch):
    conn, client = pair
    conn.answered = time.monotonic()
    client.send(b"??")
    client.shutdown(socket.SHUT_WR)
    assert handle(Plain(), conn, monkeypatch) == (False, 2)


def test_nobody_stays_where_others_wait_for_a_thread(pair, monkeypatch):
    conn, client = pair
    conn.answered = time.monotonic()
    client.send(b"??")
    assert handle(Plain(connections=3), conn, monkeypatch) == (True, 1)


def test_a_question_that_comes_within_the_wait_is_answered(pair, monkeypatch):
    conn, client = pair
    conn.answered = time.monotonic()
    monkeypatch.setattr("geomap.web.threads._STAY_MS", 5_000)
    monkeypatch.setattr("geomap.web.threads._SOON_S", 5)
    client.send(b"?")

    def later():
        client.send(b"?")
        client.shutdown(socket.SHUT_WR)

    timer = threading.Timer(0.05, later)
    timer.start()
    assert handle(Plain(), conn, monkeypatch) == (False, 2)
    timer.join()
