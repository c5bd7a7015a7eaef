"""The names on a new machine: searched at once, all of them as soon as they are indexed."""

from __future__ import annotations

import threading

import pytest
from bs4 import BeautifulSoup

from geomap.web import searching


@pytest.fixture
def fresh_client(tmp_path, monkeypatch):
    """A client of the sample on a machine that has indexed nothing; the build of all waits."""
    from geomap.web.app import create_app

    allowed = threading.Event()
    shipped = searching.shipped_names

    def later():
        allowed.wait(60)
        return shipped()

    app = create_app()
    monkeypatch.setattr(searching, "cache_dir", lambda: tmp_path / "cache")
    monkeypatch.setattr(searching, "shipped_names", later)
    yield app.test_client(), app.extensions["geomap"].snapshot()
    monkeypatch.undo()
    allowed.set()
    app.extensions["geomap"].snapshot()._preparation.join(60)


def labels(client, text):
    answer = client.get("/api/v1/search", query_string={"q": text, "limit": 3})
    return answer, [each["label"] for each in answer.json["results"]]


def test_on_a_new_machine_divisions_and_few_homes_are_searched_at_once(fresh_client):
    client, snapshot = fresh_client
    for text in ("静安区", "jinganqu", "上海静安"):
        answer, found = labels(client, text)
        assert answer.json["preparing"] is True
        assert found[0] == "上海市静安区"
    name = snapshot.facilities["name"].dropna().iloc[0]
    assert labels(client, name)[0].json["results"][0]["name"] == name
    assert "正在准备地名" in client.get("/places", query_string={"q": "静安区"}).text
    assert "正在准备地名" in client.get("/", query_string={"q": "没有这个名字"}).text
    status = BeautifulSoup(client.get("/").text, "html.parser").select_one("#status")
    assert "正在准备地名" not in status.text


def test_what_was_found_meanwhile_is_not_taken_for_the_whole_answer(fresh_client):
    client, snapshot = fresh_client
    early, _ = labels(client, "静安区")
    vars(snapshot)["all_names"] = snapshot._first_names  # as if they were all indexed now
    held = {"If-None-Match": early.headers["ETag"]}
    asked = {"q": "静安区", "limit": 3}
    again = client.get("/api/v1/search", query_string=asked, headers=held)
    assert again.status_code == 200
    assert "preparing" not in again.json
