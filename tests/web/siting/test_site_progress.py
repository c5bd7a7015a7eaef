"""A siting job while it runs: the best so far and the bound on it are told, and it can be ended."""

from __future__ import annotations

import time

import pytest
from bs4 import BeautifulSoup

from tests.web.siting.conftest import SITES


@pytest.fixture(scope="module")
def plain(make_planner, plain_folder):
    return make_planner(plain_folder)


def watched(client, where):
    """Look after a job until a choice and a bound above nothing are told, or it ends."""
    told, end = [], time.monotonic() + 60
    while time.monotonic() < end:
        job = client.get(where).get_json()
        told.append(job)
        if job["state"] not in ("queued", "running") or (job["objective"] and job["bound"]):
            break
        time.sleep(0.1)
    return told


def test_a_running_job_tells_the_best_so_far_and_the_bound_and_is_cancelled(plain):
    answer = plain.get(f"/api/v1/site?model=p_median&p={SITES}&time_limit=60")
    assert answer.status_code == 202
    told = watched(plain, answer.headers["Location"])
    last = told[-1]
    assert last["state"] == "running", told
    assert last["objective_of"] == "person_metres"
    assert 0 < last["bound"] <= last["objective"]
    assert 0 < last["share"] < 1
    # once there is a choice there is a bound, be it that nothing is below nothing
    assert all(each["bound"] is not None for each in told if each["objective"] is not None)
    page = BeautifulSoup(plain.get(f"/plan/site/jobs/{last['id']}?lang=zh").text, "html.parser")
    said = page.select_one("#job-said").get_text(" ", strip=True)
    assert "目前总距离" in said
    assert "再短也有" in said
    ended = plain.delete(f"/api/v1/jobs/{last['id']}").get_json()
    assert ended["state"] == "cancelled"
    assert plain.get(f"/api/v1/jobs/{last['id']}").get_json()["state"] == "cancelled"


def test_the_page_ends_a_job_by_its_button(plain):
    question = f"model=p_median&p={SITES}&time_limit_s=60&go=1&lang=zh"
    where = plain.get(f"/plan/site?{question}").headers["Location"]
    page = BeautifulSoup(plain.get(where).text, "html.parser")
    assert page.select_one("progress")
    form = page.select_one("#job form")
    answer = plain.post(form["action"], follow_redirects=True)
    page = BeautifulSoup(answer.text, "html.parser")
    assert "已取消" in page.main.text
    assert "go=1" not in page.select_one("#job a.primary")["href"]  # the form, to ask otherwise
