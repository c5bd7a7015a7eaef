"""A process that has connections leaves new ones to others; what others took is no error."""

from __future__ import annotations

import socket

import pytest
from gunicorn.workers.gthread import ThreadWorker

from geomap.web import workers
from geomap.web.workers import SharingWorker


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
