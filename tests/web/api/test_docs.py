"""The page about the API says everything in the reader's language; the definition is English."""

from __future__ import annotations

import json
import re

import pytest
from bs4 import BeautifulSoup

HAN = re.compile(r"[\u4e00-\u9fff]")
#: Two words that are not code.
SENTENCE = re.compile(r"[A-Za-z]{2,},? [A-Za-z]{2,}")
CODE = re.compile(r"`[^`]*`|\(bound - objective\)")


@pytest.fixture(scope="module")
def document(client):
    return client.get("/openapi.json").get_json()


@pytest.fixture(scope="module")
def pages(client):
    return {
        language: BeautifulSoup(client.get(f"/docs?lang={language}").data, "html.parser")
        for language in ("zh", "en")
    }


def sentences(told, name=""):
    """What is said anywhere in a definition, but in its examples."""
    if isinstance(told, dict):
        for key, each in told.items():
            if key != "example":
                yield from sentences(each, key)
    elif isinstance(told, list):
        for each in told:
            yield from sentences(each)
    elif name in ("summary", "description"):
        yield told


def shown(document):
    """The parts of a definition that the page shows."""
    parts = document["components"]
    return [document["tags"], document["paths"], parts["schemas"], parts["responses"]["Problem"]]


def plain(text):
    return " ".join(text.replace("`", "").split())


def text_of(page):
    return plain(page.select_one("main").get_text())


def test_every_sentence_of_the_definition_has_its_chinese(document):
    from geomap.web.api.docs_words import in_chinese

    said = dict(
        zip(sentences(shown(document)), sentences(in_chinese(shown(document))), strict=True)
    )
    english = [
        before for before, after in said.items()
        if not HAN.search(after) or SENTENCE.search(CODE.sub("", after))
    ]  # fmt: skip
    assert said
    assert english == []


def test_no_translation_is_of_what_nobody_says(document):
    from geomap.web.api.docs_chinese import CHINESE

    said = " ".join(sentences(shown(document)))
    assert [each for each in CHINESE if each not in said] == []


def test_translations_keep_the_numbers_and_the_code():
    from geomap.web.api.docs_chinese import CHINESE

    exact = re.compile(r"`\w+`|\d[\d,.]*\d|\d")
    lost = [
        (english, each) for english, chinese in CHINESE.items()
        for each in exact.findall(english) if each not in chinese
    ]  # fmt: skip
    assert lost == []


def test_the_chinese_page_has_no_sentence_in_english(pages):
    page = BeautifulSoup(str(pages["zh"].main), "html.parser")
    for code in page.select("pre, code, [lang=en]"):
        code.extract()
    assert SENTENCE.findall(page.get_text(" ").replace("OGC API Features", "")) == []
    marked = [each.get_text() for each in pages["zh"].select("main span[lang=en]")]
    assert [each for each in marked if SENTENCE.search(each)] == []
    schemas = [json.loads(each.get_text()) for each in pages["zh"].select("#schemas ~ details pre")]
    assert [each for each in sentences(schemas) if not HAN.search(each)] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_says_every_sentence_of_the_definition(document, pages, language):
    from geomap.web.api.docs_words import in_chinese

    told = in_chinese(document) if language == "zh" else document
    said = text_of(pages[language])
    asked = [each for methods in told["paths"].values() for each in methods.values()]
    for each in asked:
        assert plain(each["summary"]) in said
        assert plain(each["description"]) in said
        for parameter in each["parameters"]:
            assert plain(parameter["description"]) in said, parameter["name"]


def test_the_english_page_says_in_english_what_parameters_take(pages):
    for each in pages["en"].select(".parameters .small"):
        assert not HAN.search(each.get_text()), each


def test_the_definition_is_english_whoever_asks(client):
    asked = [
        client.get("/openapi.json", headers={"Accept-Language": each}).data for each in ("zh", "en")
    ]
    client.get("/docs?lang=zh")
    assert {*asked, client.get("/openapi.json").data} == {asked[0]}


def test_code_within_a_sentence_is_marked_as_code(pages):
    for page in pages.values():
        quoted = page.main.find_all(string=re.compile("`"))
        assert [each for each in quoted if not each.find_parent("pre")] == []
