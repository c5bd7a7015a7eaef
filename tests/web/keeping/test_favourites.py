"""The page of favourites, as usual and in elder mode."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from bs4 import BeautifulSoup


def soup(client, url: str) -> BeautifulSoup:
    answer = client.get(url)
    assert answer.status_code == 200
    return BeautifulSoup(answer.data, "html.parser")


def send(client, form) -> str:
    sent = {each["name"]: each["value"] for each in form.select("input, button")}
    return client.post(form["action"], data=sent).headers["Location"]


def test_favourites_are_listed_in_the_order_in_which_they_were_added(visitor):
    visitor.set_cookie("geomap_favourites", "c!a!gone!e")
    page = soup(visitor, "/favourites")
    assert [each.get_text() for each in page.select(".card h3")] == [
        "南京西路福寿养老院", "江宁路颐养院", "没有位置的敬老院",
    ]  # fmt: skip
    assert "gone" in page.select_one("[role=status]").get_text()
    assert send(visitor, page.select_one("[role=status] form")) == "/favourites"
    assert visitor.get_cookie("geomap_favourites").value == "c!a!e"


def test_giving_one_up_can_be_undone(visitor):
    visitor.set_cookie("geomap_favourites", "c!a!e")
    page = soup(visitor, "/favourites")
    after = soup(visitor, send(visitor, page.select(".give-up")[1]))
    assert [each.get_text() for each in after.select(".card h3")] == [
        "南京西路福寿养老院", "没有位置的敬老院",
    ]  # fmt: skip
    said = after.select_one("[role=status]")
    assert "已取消收藏：江宁路颐养院" in said.get_text()
    send(visitor, said.form)
    assert visitor.get_cookie("geomap_favourites").value == "c!a!e"


def test_the_first_four_are_ticked_to_compare_and_all_go_into_the_booklet(visitor):
    visitor.set_cookie("geomap_favourites", "a!b!c!d!e")
    page = soup(visitor, "/favourites")
    boxes = page.select("input[form=compare-form]")
    assert [each.has_attr("checked") for each in boxes] == [True] * 4 + [False]
    assert page.select_one("#compare-form")["action"] == "/compare"
    query = "&".join(f"ids={each['value']}" for each in boxes[:2])
    assert len(soup(visitor, f"/compare?{query}").select("thead th:not(.what)")) == 2
    booklet = page.select_one("#compare-form a")["href"]
    assert parse_qs(urlsplit(booklet).query)["ids"] == ["a,b,c,d,e"]


def test_without_favourites_the_page_says_how_to_begin(visitor):
    page = soup(visitor, "/favourites")
    assert "还没有收藏" in page.main.get_text()
    assert page.main.select_one("a.primary")["href"] == "/"


def test_a_sixty_first_favourite_is_refused_in_words(visitor):
    visitor.set_cookie("geomap_favourites", "!".join(f"x{i}" for i in range(60)))
    answer = visitor.post("/kept", data={"list": "favourites", "add": "a"})
    page = soup(visitor, answer.headers["Location"])
    assert "最多收藏 60 家，这一家没有收藏：江宁路颐养院" in page.main.get_text()


def test_elder_mode_shows_one_favourite_at_a_time(visitor):
    visitor.set_cookie("geomap_elder", "big-white")
    visitor.set_cookie("geomap_favourites", "c!gone!a")
    page = soup(visitor, "/favourites")
    assert page.h1.get_text() == "收藏的第 1 家，共 2 家"
    assert [each.get_text() for each in page.select(".one-home h2")] == ["南京西路福寿养老院"]
    page = soup(visitor, page.select_one("[rel=next]")["href"])
    assert [each.get_text() for each in page.select(".one-home h2")] == ["江宁路颐养院"]
    assert page.select_one("[rel=prev]")
    assert "这是最后一家" in page.main.get_text()
    assert parse_qs(urlsplit(page.select_one(".elder-actions .outlined")["href"]).query)["map"]
    after = soup(visitor, send(visitor, page.select_one(".give-up")))
    assert "已取消收藏：江宁路颐养院" in after.select_one("[role=status]").get_text()
    for at in ("9", "0", "x"):
        assert soup(visitor, f"/favourites?at={at}").h1.get_text() == "收藏的第 1 家，共 1 家"


def test_elder_mode_without_favourites_leads_on(visitor):
    visitor.set_cookie("geomap_elder", "big-white")
    page = soup(visitor, "/favourites")
    assert page.h1.get_text() == "还没有收藏"
    assert page.main.select_one("a.main-choice")["href"] == "/places"


def test_caches_know_that_the_page_is_the_readers_own(visitor):
    for url in ("/favourites", "/compare?ids=a", "/booklet?ids=a", "/"):
        answer = visitor.get(url)
        assert "Cookie" in answer.vary
        assert "private" in answer.headers["Cache-Control"]
