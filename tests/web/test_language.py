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


def foreign_runs(page: BeautifulSoup, own: str, *, but=("script", "style")) -> list[str]:
    """Texts with Chinese signs that no element around them marks as Chinese or Japanese.

    Texts within the elements named by `but` are left out.
    """
    found = []
    for text in page.find_all(string=HAN):
        if not isinstance(text, NavigableString) or text.find_parent(but):
            continue
        marked = next((each["lang"] for each in text.parents if each.get("lang")), own)
        if marked == own:
            found.append(str(text).strip())
    return found


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
