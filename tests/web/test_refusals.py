"""What the server refuses before the application sees it, in words that repeat nothing."""

from __future__ import annotations

import json
import logging
import socket

import pytest
from gunicorn.http import errors

from geomap.web.refusals import refusal_of, written
from geomap.web.workers import PlainWorker

ASKED = "/api/v1/search?q=信义路五段7号"
REFUSED = [
    (errors.InvalidRequestLine(ASKED), 400, "percent-encoded"),
    (errors.InvalidHTTPVersion(ASKED), 400, "percent-encoded"),
    (errors.LimitRequestLine(9_000, 8_190), 414, "too long"),
    (errors.LimitRequestHeaders(ASKED), 431, "too large"),
    (errors.InvalidHeader(ASKED), 400, "headers"),
    (errors.UnsupportedTransferCoding(ASKED), 501, "chunked"),
    (errors.InvalidChunkSize(ASKED), 400, "body"),
]


@pytest.mark.parametrize(("error", "status", "word"), REFUSED, ids=lambda each: type(each).__name__)
def test_a_refusal_is_a_problem_document_that_does_not_repeat_what_came(error, status, word):
    head, body = written(refusal_of(error)).split(b"\r\n\r\n")
    document = json.loads(body)
    assert head.startswith(f"HTTP/1.1 {status} {document['title']}\r\n".encode())
    assert b"Content-Type: application/problem+json\r\n" in head
    assert b"Access-Control-Allow-Origin: *\r\n" in head
    assert head.endswith(f"Content-Length: {len(body)}".encode())
    assert document["status"] == status
    assert word in document["detail"]
    assert "信义路" not in document["detail"]


@pytest.mark.parametrize("error", [errors.InvalidResponseHeader("x"), ValueError("x")])
def test_a_fault_of_ours_is_no_refusal(error):
    assert refusal_of(error) is None


@pytest.mark.parametrize("error", [errors.InvalidRequestLine(ASKED), RuntimeError("broken")])
def test_the_log_tells_what_was_wrong_but_not_what_was_asked_nor_by_whom(error, caplog):
    worker = object.__new__(PlainWorker)
    worker.log = logging.getLogger("refusals")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        worker.handle_error(None, ours, ("203.0.113.7", 1), error)
        answer = theirs.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 400" if refusal_of(error) else b"HTTP/1.1 500")
    assert type(error).__name__ in caplog.text
    assert "信义路" not in caplog.text
    assert "203.0.113.7" not in caplog.text


@pytest.mark.parametrize("host", ["a b", "evil/..", "a@b", "a:b", "é"])
@pytest.mark.parametrize("url", ["/", "/robots.txt", "/api/v1/facilities", "/ogc/", "/nothing"])
def test_a_host_that_is_none_is_refused(client, url, host):
    answer = client.get(url, environ_overrides={"HTTP_HOST": host})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.json["detail"] == "the Host header names no host"


@pytest.mark.parametrize("host", ["localhost", "care.example:8000", "[::1]:8000", "xn--fiqs8s"])
def test_other_hosts_are_answered(client, host):
    assert client.get("/robots.txt", headers={"Host": host}).status_code == 200
