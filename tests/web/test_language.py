"""Chinese and English pages: complete, chosen by the reader, marked where they mix."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from bs4 import BeautifulSoup, NavigableString

WEB = Path(__file__).parents[2] / "geomap/web"
HAN = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
PAGES = [
    "/",
    "/?q=静安区",
    "/?q=静安",
    "/?q=鼓楼区",
    "/?q=颐养",
    "/?q=无此地方xyz",
    "/?lon=121.45&lat=31.23",
    "/?q=静安区&type=street_center",
    "/?lon=121.45&lat=31.23&located=county",
    "/accessibility",
    "/elder",
    "/places",
    "/places?q=静安",
    "/places?q=xyz",
    "/about",
    "/check",
    *[f"/facilities/{each}?q=静安区" for each in "abcde"],
    "/facilities/a/print",
    "/compare",
    "/compare?ids=a,b,c,d,e,gone&q=静安区&removed=e&full=e",
    "/favourites",
    "/favourites?removed=a&full=b",
    "/booklet",
    "/booklet?adcode=31&type=nursing_home",
    "/booklet?ids=a,d,e,gone",
    "/facilities/e/report",
    "/ogc/?f=html",
    "/ogc/conformance?f=html",
    "/ogc/api?f=html",
    "/ogc/collections?f=html",
    "/ogc/collections/gaps?f=html",
    "/ogc/collections/facilities/queryables?f=html",
    "/ogc/collections/facilities/items?f=html&limit=2&offset=1",
    "/ogc/collections/facilities/items/a?f=html",
    "/ogc/collections/gaps/items/1?f=html",
    "/plan/report",
]
PROBLEMS = ["/?lon=abc", "/booklet?adcode=x", "/?type=x", "/facilities/nobody", "/nothing"]


def used_messages() -> set[object]:
    found = extract_from_dir(
        WEB,
        [("**.py", "python"), ("**/templates/**.html", "jinja2")],
        keywords={"_": None, "gettext": None, "ngettext": (1, 2)},
    )
    return {message[2] for message in found}


def english():
    with (WEB / "translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file)


def test_every_sentence_has_an_english_translation():
    catalog = english()
    known = {each.id for each in catalog if each.id and all(_texts(each.string))}
    assert {_texts(each)[0] for each in used_messages()} == {_texts(each)[0] for each in known}
    fuzzy = [each.id for each in catalog if each.id and each.fuzzy]
    assert fuzzy == []


def test_translations_keep_the_names_to_fill_in():
    catalog = english()
    hole = re.compile(r"%\(\w+\)s|\{\w+\}")
    for message in catalog:
        for text in _texts(message.string):
            assert set(hole.findall(text)) == set(hole.findall(_texts(message.id)[0])), message.id


def test_a_sentence_with_names_to_fill_in_doubles_its_other_per_cent_signs():
    hole = re.compile(r"%\(\w+\)s")
    for message in english():
        for text in (*_texts(message.id), *_texts(message.string)):
            if text and hole.search(text):
                assert "%" not in hole.sub("", text).replace("%%", ""), text


def _texts(message) -> tuple[str, ...]:
    return (message,) if isinstance(message, str) else tuple(message)


def foreign_runs(page: BeautifulSoup, own: str) -> list[str]:
    """Texts with Chinese signs that no element around them marks as Chinese or Japanese."""
    found = []
    for text in page.find_all(string=HAN):
        if not isinstance(text, NavigableString) or text.parent.name in ("script", "style"):
            continue
        marked = next((each["lang"] for each in text.parents if each.get("lang")), own)
        if marked == own:
            found.append(str(text).strip())
    return found


@pytest.mark.parametrize("url", [*PAGES, *PROBLEMS])
def test_no_chinese_remains_on_an_english_page_but_marked_names(client, url):
    answer = client.get(url, headers={"Accept-Language": "en-GB,en;q=0.9"})
    page = BeautifulSoup(answer.data, "html.parser")
    assert page.html["lang"] == "en"
    page.title.extract()  # a title cannot mark a name
    assert foreign_runs(page, "en") == []
    for element in page.select("*"):
        said = [element.get(name, "") for name in ("alt", "title", "aria-label", "placeholder")]
        assert not HAN.search(" ".join(said)), element


@pytest.mark.parametrize("url", [*PAGES, *PROBLEMS])
def test_a_chinese_page_says_no_english_sentence(client, url):
    page = BeautifulSoup(client.get(url).data, "html.parser")
    assert page.html["lang"] == "zh-CN"
    for text in page.main.find_all(string=re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")):
        marked = next(each["lang"] for each in text.parents if each.get("lang"))
        assert marked == "en", text


@pytest.mark.parametrize(
    ("query", "header", "lang"),
    [
        ("", None, "zh-CN"),
        ("", "en-US,en;q=0.8,zh;q=0.5", "en"),
        ("", "zh-TW,zh;q=0.9,en;q=0.5", "zh-CN"),
        ("", "fr,de;q=0.5", "zh-CN"),
        ("", "en-AU,zh;q=0.5", "en"),
        ("", "zh-Hans-SG,en;q=0.9", "zh-CN"),
        ("", "zh;q=0,en;q=0.1", "en"),
        ("?lang=en", "zh-CN", "en"),
        ("?lang=zh", "en", "zh-CN"),
        ("?lang=fr", "en", "en"),
    ],
)
def test_the_address_wins_then_the_browser_then_chinese(client, query, header, lang):
    answer = client.get(f"/{query}", headers={"Accept-Language": header} if header else {})
    assert BeautifulSoup(answer.data, "html.parser").html["lang"] == lang
    assert "Accept-Language" in answer.headers["Vary"]


def test_the_operator_chooses_where_the_reader_does_not(make_client, town):
    client = make_client(town, default_language="en")
    assert BeautifulSoup(client.get("/").data, "html.parser").html["lang"] == "en"


@pytest.mark.parametrize("url", [*PAGES, *PROBLEMS])
def test_every_link_keeps_the_chosen_language(client, url):
    joined = f"{url}{'&' if '?' in url else '?'}lang=en"
    page = BeautifulSoup(client.get(joined).data, "html.parser")
    links = [a["href"] for a in page.select("a[href^='/']") if not a.get("hreflang")]
    links += [frame["src"] for frame in page.select("iframe")]
    assert links
    assert [each for each in links if "lang=en" not in each] == []
    assert page.select_one("form.search input[name=lang]")["value"] == "en"
    (other,) = page.select("a[hreflang]")
    assert "lang=zh" in other["href"]
    assert BeautifulSoup(client.get(other["href"]).data, "html.parser").html["lang"] == "zh-CN"
