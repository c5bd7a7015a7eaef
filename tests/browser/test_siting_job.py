"""A planner watches a siting job that takes long, and ends it."""

from __future__ import annotations

import pytest

from tests.browser.conftest import serving
from tests.web.siting.conftest import SITES, plain_folder  # noqa: F401 (a fixture)


@pytest.fixture(scope="module")
def server_url(plain_folder, tmp_path_factory):  # noqa: F811 (the fixture)
    with serving(tmp_path_factory.mktemp("server") / "log", plain_folder) as address:
        yield address


def test_a_long_job_tells_the_best_so_far_as_it_comes_and_is_cancelled(open_page):
    page = open_page(f"/plan/site?lang=zh&go=1&model=p_median&p={SITES}&time_limit_s=60")
    page.locator("#job-said", has_text="目前总距离").wait_for(timeout=60_000)
    assert "再短也有" in page.locator("#job-said").inner_text()
    page.get_by_role("button", name="取消").click()
    page.get_by_text("已取消。").wait_for()
