"""How often programs may ask: by address, by key, and not at all where no limit is set."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from flask import Flask

from geomap.data.api_keys import add_key, remove_key
from geomap.errors import ParameterError
from geomap.settings import Settings
from geomap.web.api import limits
from geomap.web.api.limits import Keys

ASKED = "/api/v1/search?q=a"


@pytest.fixture
def limited(make_client, town):
    return make_client(town, rate_limit_per_minute=3)


def test_after_the_last_question_one_is_told_when_to_come_back(limited):
    for left in (2, 1, 0):
        answer = limited.get(ASKED)
        assert answer.status_code == 200
        assert answer.headers["RateLimit-Limit"] == "3"
        assert answer.headers["RateLimit-Remaining"] == str(left)
        assert 0 <= int(answer.headers["RateLimit-Reset"]) <= 60
    refused = limited.get(ASKED)
    assert (refused.status_code, refused.mimetype) == (429, "application/problem+json")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert refused.json["detail"] == (
        "3 questions a minute are allowed: ask again in"
        f" {refused.headers['Retry-After']} seconds, or with a key, which allows more"
    )


def test_who_asks_too_often_is_not_named_in_the_log(limited, caplog):
    reader = {"REMOTE_ADDR": "2001:db8:1:2::9"}
    with caplog.at_level("INFO"):
        answers = [limited.get(ASKED, environ_base=reader).status_code for _ in range(5)]
    assert answers[-1] == 429
    assert "2001:db8" not in caplog.text


def test_plain_questions_are_counted_on_the_short_path_too(limited):
    for _ in range(3):
        assert limited.get("/api/v1/nearest?lon=121.45&lat=31.23").status_code == 200
    assert limited.get("/api/v1/nearest?lon=121.45&lat=31.23").status_code == 429
    assert limited.get("/api/v1/facilities").status_code == 429
    assert limited.get("/ogc/collections").status_code == 429
    assert limited.get("/ogc").status_code == 429


def test_pages_and_preflights_are_free(limited):
    for _ in range(5):
        assert limited.get("/about").status_code == 200
        assert limited.options(ASKED).status_code == 200
    assert limited.get(ASKED).headers["RateLimit-Remaining"] == "2"


def test_each_address_is_counted_alone(limited):
    for _ in range(4):
        limited.get(ASKED)
    other = limited.get(ASKED, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert other.status_code == 200


@pytest.mark.parametrize(("proxies", "status"), [(0, 429), (1, 200)])
def test_a_forwarded_address_is_believed_only_behind_a_proxy(make_client, town, proxies, status):
    client = make_client(town, rate_limit_per_minute=1, proxies=proxies)
    first, second = ({"X-Forwarded-For": f"192.0.2.{n}"} for n in (1, 2))
    assert client.get(ASKED, headers=first).status_code == 200
    assert client.get(ASKED, headers=second).status_code == status


def test_without_a_limit_nothing_is_counted(client):
    assert "RateLimit-Limit" not in client.get(ASKED).headers


@pytest.fixture
def keyed(limited, tmp_path):
    (tmp_path / "keys").mkdir()
    limited.application.extensions[limits._KEYS] = Keys(tmp_path)
    return limited, tmp_path


@pytest.mark.parametrize("send", ["X-API-Key: {}", "Authorization: Bearer {}"])
def test_a_key_allows_what_it_says_however_it_is_sent(keyed, send):
    client, folder = keyed
    key = add_key(folder, "portal", per_minute=50, at=datetime(2026, 1, 1, tzinfo=UTC))
    headers = dict([send.format(key).split(": ", 1)])
    for left in (49, 48):
        answer = client.get(ASKED, headers=headers)
        assert answer.headers["RateLimit-Limit"] == "50"
        assert answer.headers["RateLimit-Remaining"] == str(left)
    assert client.get(ASKED).headers["RateLimit-Remaining"] == "2"


def test_who_has_a_key_already_is_not_sent_for_one(keyed):
    client, folder = keyed
    key = add_key(folder, "portal", per_minute=1, at=datetime(2026, 1, 1, tzinfo=UTC))
    _, refused = (client.get(ASKED, headers={"X-API-Key": key}) for _ in range(2))
    assert refused.status_code == 429
    seconds = refused.headers["Retry-After"]
    said = f"1 questions a minute are allowed with this key: ask again in {seconds} seconds"
    assert refused.json["detail"] == said


def test_a_key_that_was_removed_opens_nothing(keyed):
    client, folder = keyed
    key = add_key(folder, "portal", per_minute=50, at=datetime(2026, 1, 1, tzinfo=UTC))
    assert client.get(ASKED, headers={"X-API-Key": key}).status_code == 200
    remove_key(folder, "portal")
    refused = client.get(ASKED, headers={"X-API-Key": key})
    assert (refused.status_code, refused.mimetype) == (401, "application/problem+json")
    assert refused.headers["WWW-Authenticate"].lower().startswith("bearer")
    assert key not in refused.get_data(as_text=True)


@pytest.mark.parametrize("headers", [{"X-API-Key": "nobody's"}, {"Authorization": "Bearer x"}])
def test_nobodys_key_is_refused_where_no_limit_is_set_too(client, headers):
    assert client.get(ASKED, headers=headers).status_code == 401
    assert client.get("/api/v1/nearest?lon=1&lat=2", headers=headers).status_code == 401
    assert client.get("/about", headers=headers).status_code == 200
    basic = {"Authorization": "Basic Og=="}  # of a proxy in front
    assert client.get(ASKED, headers=basic).status_code == 200


def test_an_address_of_ipv6_is_counted_with_its_network(limited):
    for last in ("1", "2", "3"):
        limited.get(ASKED, environ_base={"REMOTE_ADDR": f"2001:db8::{last}"})
    same, other = ({"REMOTE_ADDR": f"2001:db8:0:{n}::9"} for n in (0, 1))
    assert limited.get(ASKED, environ_base=same).status_code == 429
    assert limited.get(ASKED, environ_base=other).status_code == 200


@pytest.mark.parametrize("path", ["nearest?lon=121.45&lat=31.23", "facilities?limit=1"])
def test_the_short_path_opens_nothing_to_a_key_that_is_nobodys(make_client, town, path):
    client = make_client(town)
    for _ in range(2):  # the first teaches the short path
        assert client.get(f"/api/v1/{path}").status_code == 200
    for headers in ({"X-API-Key": "nobody's"}, {"Authorization": "Bearer nobody's"}):
        assert client.get(f"/api/v1/{path}", headers=headers).status_code == 401


@pytest.fixture
def redis(tmp_path):
    """A Redis server of its own: starts and stops it; skipped where it is not installed."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("no redis-server here")
    running = []
    place = tmp_path / "redis.sock"

    def start():
        options = ["--port", "0", "--unixsocket", str(place), "--save", "", "--appendonly", "no"]
        running.append(subprocess.Popen([program, *options], cwd=tmp_path,
                                        stdout=subprocess.DEVNULL))  # fmt: skip
        for _ in range(200):
            if place.exists():
                return
            time.sleep(0.05)
        pytest.fail("redis-server does not start")

    def stop():
        process = running.pop()
        process.kill()
        process.wait()
        place.unlink(missing_ok=True)

    start()
    yield SimpleNamespace(address=f"redis+unix://{place}", start=start, stop=stop)
    if running:
        stop()


def test_workers_share_a_store_and_serve_on_while_it_is_down(make_client, town, redis, caplog):
    own = {"rate_limit_per_minute": 3, "rate_limit_storage": redis.address}
    workers = [make_client(town, **own) for _ in range(2)]
    statuses = [workers[n % 2].get(ASKED).status_code for n in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    redis.stop()
    with caplog.at_level("INFO", "flask-limiter"):
        answers = [workers[0].get(ASKED) for _ in range(4)]
        assert [each.status_code for each in answers] == [200, 200, 200, 429]
        assert "unreachable" in caplog.text
        redis.start()
        deadline = time.monotonic() + 30
        while "recovered" not in caplog.text and time.monotonic() < deadline:
            time.sleep(0.2)
            workers[0].get(ASKED)
    left = int(workers[0].get(ASKED).headers["RateLimit-Remaining"])
    assert int(workers[1].get(ASKED).headers["RateLimit-Remaining"]) == max(0, left - 1)


def test_a_store_that_goes_down_within_a_question_fails_no_answer(make_client, town, redis):
    client = make_client(town, rate_limit_per_minute=3, rate_limit_storage=redis.address)
    client.application.after_request_funcs[None].append(lambda answer: (redis.stop(), answer)[1])
    answer = client.get(ASKED)
    assert answer.status_code == 200
    assert "RateLimit-Remaining" not in answer.headers
    client.application.after_request_funcs[None].pop()


def test_a_store_whose_package_is_missing_names_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "redis", None)
    monkeypatch.setitem(sys.modules, "redis.backoff", None)
    settings = Settings(rate_limit_per_minute=1, rate_limit_storage="redis://:secret@store:6379")
    with pytest.raises(ParameterError, match=r"pip install 'geomap\[redis\]'") as refused:
        limits.limit_questions(Flask("a"), None, settings)
    assert "secret" not in str(refused.value)
