"""The planner's town of two counties, and real Taipei, with scenarios to make in them.

30 people live 500 m from home h, 10 farther, 60 in the next county, where home n is being built.
"""

from __future__ import annotations

import re
import shutil

import pytest
from bs4 import BeautifulSoup

from tests.web.plan.conftest import AREAS, DEMAND, MARKUP, STATES, fill, make_planner
from tests.web.siting.conftest import answered, taipei_folder

__all__ = ["MARKUP", "answered", "make_planner", "taipei_folder"]


@pytest.fixture(scope="session")
def town_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenarios") / "town"
    day = "2025-07-01"
    fill(folder, {"areas": [(day, AREAS)], "demand": [(day, DEMAND)], "facilities": STATES})
    shutil.copytree(folder, folder.with_name("untouched"))  # before anything is kept in it
    return folder


@pytest.fixture
def untouched(town_folder, tmp_path):
    """The town without scenarios."""
    return shutil.copytree(town_folder.with_name("untouched"), tmp_path / "town")


@pytest.fixture(scope="session")
def planner(make_planner, town_folder):
    return make_planner(town_folder)


@pytest.fixture
def at(planner):
    """A scenario without changes: its address."""
    return made(planner)


def made(client, name="关一家，建一家", **more):
    """Make a scenario: the path of its page."""
    answer = client.post("/plan/scenarios", data={"name": name, **more})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].split("?")[0]


def changed(client, path, question="standard_m=1000", **change):
    """Add a change as the form does: the page that it leads to."""
    answer = client.post(f"{path}/changes?lang=zh&{question}", data=change)
    assert answer.status_code == 303, BeautifulSoup(answer.text, "html.parser").main.text
    return answered(client, answer.headers["Location"].split("#")[0])


def revision(page):
    return page.select_one("#change-form input[name=revision]")["value"]


def said(page, selector):
    return re.sub(r"\s+", " ", page.select_one(selector).get_text(" ", strip=True))


def table(page, selector):
    """The rows of a table as texts."""
    rows = [row.find_all(["th", "td"]) for row in page.select(f"{selector} tbody tr")]
    return [[" ".join(each.get_text(" ", strip=True).split()) for each in row] for row in rows]
