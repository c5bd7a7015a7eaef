"""The accessibility statement: every claim is shown by tests, and the page says all of them."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

TESTS = Path(__file__).parents[1]


def shown() -> dict[str, list[str]]:
    """The tests marked as showing a claim, by the claim's key."""
    found = defaultdict(list)
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
                continue
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.shows":
                    found[ast.literal_eval(mark.args[0])].append(node.name)
    return found


@pytest.fixture(scope="module")
def claims(client):
    from geomap.web.accessibility import all_claims

    with client.application.test_request_context("/accessibility"):
        return all_claims()


def test_every_claim_has_a_test_and_every_such_test_a_claim(claims):
    keys = [each.key for each in claims]
    assert len(keys) == len(set(keys))
    assert set(shown()) == set(keys)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_says_every_claim_with_its_rule_what_is_missing_and_whom_to_call(client, language):
    from geomap.web.accessibility import CHECKED_ON, all_claims, not_met

    page = BeautifulSoup(client.get(f"/accessibility?lang={language}").data, "html.parser")
    text = page.main.get_text()
    with client.application.test_request_context(f"/accessibility?lang={language}"):
        for claim in all_claims():
            assert claim.said in text
            assert claim.basis in text
        assert len(not_met()) >= 3
        assert all(each in text for each in not_met())
    assert str(CHECKED_ON.day) in text
    assert "WCAG 2.2" in text
    assert page.main.select_one("a[href='tel:12345']")


def test_the_rules_of_the_ministry_are_named_in_full(client):
    text = client.get("/accessibility").get_data(as_text=True)
    assert "《互联网网站适老化通用设计规范》" in text
    assert "《移动互联网应用（APP）适老化通用设计规范》" in text


def test_every_footer_leads_to_the_statement(client):
    for url in ("/", "/about", "/facilities/a", "/nothing"):
        page = BeautifulSoup(client.get(url).data, "html.parser")
        assert page.footer.find("a", string="无障碍声明")["href"] == "/accessibility"
