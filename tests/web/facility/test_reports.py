"""Reporting a mistake: without scripts, kept in the workspace, from our own pages only."""

from __future__ import annotations

import logging
from functools import partial

import pytest
from bs4 import BeautifulSoup

from geomap.data.reports import read_reports
from geomap.settings import Settings
from geomap.web.facility.report_form import Doorkeeper

GOOD = {
    "about": "phone",
    "text": "电话改成 021-1234 了。\r\n第二行",
    "contact": "王女士 13800000000",
}


@pytest.fixture
def open_client(town, context, tmp_path):
    """Give a client of an application with a workspace, and the workspace."""
    from geomap.web.app import create_app
    from geomap.web.state import Service, Site, Snapshot

    def make(**settings):
        load = partial(Snapshot, "1", town, Site(), context.__getitem__)
        service = Service(load, lambda: "1")
        return create_app(tmp_path, Settings(**settings), service=service).test_client(), tmp_path

    return make


def soup(answer) -> BeautifulSoup:
    return BeautifulSoup(answer.get_data(), "html.parser")


def token_of(client, url: str = "/facilities/a/report") -> str:
    return soup(client.get(url)).select_one("input[name=token]")["value"]


def send(client, values: dict, *, headers: dict | None = None, **options):
    data = {"token": token_of(client), **values}
    return client.post("/facilities/a/report", data=data, headers=headers, **options)


def test_a_report_is_kept_and_thanked_for(open_client):
    client, folder = open_client()
    answer = send(client, GOOD)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/facilities/a/report?sent=1"
    thanks = soup(client.get(answer.headers["Location"])).select_one("[role=status]")
    assert "不会公开" in thanks.get_text()
    (kept,) = read_reports(folder)
    assert kept["facility_id"] == "a"
    assert kept["facility_name"] == "江宁路颐养院"
    assert kept["about"] == "phone"
    assert kept["text"] == "电话改成 021-1234 了。\n第二行"
    assert kept["contact"] == "王女士 13800000000"


def test_a_report_is_never_shown(open_client):
    client, _ = open_client()
    send(client, GOOD)
    for url in ("/", "/facilities/a", "/facilities/a/report", "/api/v1/facilities/a"):
        assert "13800000000" not in client.get(url).get_data(as_text=True)


def test_what_is_missing_or_too_long_is_said_and_what_was_written_stays(open_client):
    client, folder = open_client()
    answer = send(client, {"about": "x", "text": "", "contact": "九" * 101})
    page = soup(answer)
    assert answer.status_code == 400
    assert {each["href"] for each in page.select(".fault-summary a")} == {
        "#about", "#text", "#contact",
    }  # fmt: skip
    assert page.select_one("#contact")["value"] == "九" * 101
    assert page.select_one("#text")["aria-invalid"] == "true"
    answer = send(client, {"about": "beds", "text": "长" * 1001})
    assert answer.status_code == 400
    assert soup(answer).select_one("textarea").get_text(strip=True) == "长" * 1001
    assert soup(answer).select_one("input[value=beds]").has_attr("checked")
    assert not list(read_reports(folder))


def test_a_flood_of_text_is_refused_before_it_is_read(open_client):
    client, folder = open_client()
    answer = send(client, {"about": "beds", "text": "长" * 100_000})
    assert answer.status_code == 413
    assert not list(read_reports(folder))


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_another_sites_page_cannot_send(open_client, headers):
    client, folder = open_client()
    assert send(client, GOOD, headers=headers).status_code == 403
    assert not list(read_reports(folder))


@pytest.mark.parametrize("token", ["", "x", "A" * 32, None])
def test_without_the_token_of_our_cookie_nothing_is_kept(open_client, token):
    client, folder = open_client()
    client.get("/facilities/a/report")
    values = GOOD if token is None else GOOD | {"token": token}
    answer = client.post("/facilities/a/report", data=values)
    assert answer.status_code == 403
    assert soup(answer).select_one("textarea").get_text().strip().startswith("电话改成")
    assert not list(read_reports(folder))


def test_the_cookie_is_ours_alone_and_stays_with_these_pages(open_client):
    client, _ = open_client()
    cookie = client.get("/facilities/a/report").headers["Set-Cookie"]
    for word in ("HttpOnly", "SameSite=Strict", "Path=/facilities/"):
        assert word in cookie
    assert "Secure" not in cookie
    answer = client.get("/facilities/a/report", base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_a_second_press_keeps_one_report(open_client):
    client, folder = open_client()
    data = {"token": token_of(client), **GOOD}
    for _ in range(2):
        assert client.post("/facilities/a/report", data=data).status_code == 303
    assert len(list(read_reports(folder))) == 1


def test_a_second_press_is_not_thanked_for_what_was_refused(open_client):
    client, folder = open_client(reports_per_hour=1)
    send(client, GOOD)
    data = {"token": token_of(client), **GOOD}
    for _ in range(2):
        client.set_cookie("geomap-report", data["token"], path="/facilities/")
        assert client.post("/facilities/a/report", data=data).status_code == 429
    assert len(list(read_reports(folder))) == 1


@pytest.mark.parametrize(("proxies", "last"), [(0, 429), (1, 303)])
def test_behind_a_proxy_each_reader_counts_alone(open_client, proxies, last):
    client, _ = open_client(reports_per_hour=1, proxies=proxies)
    for address, status in (("203.0.113.1", 303), ("203.0.113.2", last)):
        data, headers = {"token": token_of(client), **GOOD}, {"X-Forwarded-For": address}
        answer = client.post("/facilities/a/report", data=data, headers=headers)
        assert answer.status_code == status


def test_one_address_may_send_so_many_an_hour(open_client):
    client, folder = open_client(reports_per_hour=2)
    statuses = [send(client, GOOD).status_code for _ in range(3)]
    assert statuses == [303, 303, 429]
    other = send(client, GOOD, environ_base={"REMOTE_ADDR": "10.0.0.9"})
    assert other.status_code == 303
    assert len(list(read_reports(folder))) == 3


def test_after_an_hour_an_address_may_send_again():
    now = [0.0]
    doorkeeper = Doorkeeper(1, clock=lambda: now[0])
    assert [doorkeeper.admits("a"), doorkeeper.admits("a")] == [True, False]
    now[0] = 3600.0
    assert doorkeeper.admits("a")
    assert all(Doorkeeper(0).admits("a") for _ in range(100))


def test_where_nothing_can_be_kept_the_reader_is_told(open_client):
    client, folder = open_client()
    (folder / "reports").write_text("in the way")
    answer = send(client, GOOD)
    assert answer.status_code == 503
    assert "存不下来" in soup(answer).select_one(".field-fault").get_text()


def test_no_log_holds_what_was_written(open_client, caplog):
    caplog.set_level(logging.DEBUG)
    client, folder = open_client(reports_per_hour=1)
    for _ in range(2):
        send(client, GOOD)
    (folder / "reports" / "reports.jsonl").chmod(0o000)
    said = caplog.text
    assert "13800000000" not in said
    assert "021-1234" not in said
    assert "127.0.0.1" not in said


def test_the_sample_says_where_to_turn(client):
    page = soup(client.get("/facilities/a/report"))
    assert not page.select("form.form")
    assert page.select_one("main a.primary")["href"] == "tel:12345"
    assert client.post("/facilities/a/report", data=GOOD).status_code == 403


def test_the_choice_may_be_named_by_the_link(open_client):
    client, _ = open_client()
    page = soup(client.get("/facilities/a/report?about=costs"))
    assert page.select_one("input[checked]")["value"] == "costs"
    assert not soup(client.get("/facilities/a/report?about=x")).select("input[checked]")


def test_markup_in_a_report_stays_text(open_client):
    client, _ = open_client()
    evil = '"><script>alert(1)</script>{{7*7}}'
    page = soup(send(client, {"about": "x", "text": evil, "contact": evil}))
    assert page.select_one("textarea").get_text().strip() == evil
    assert page.select_one("#contact")["value"] == evil
    assert not [each for each in page.select("script") if not each.get("src")]
