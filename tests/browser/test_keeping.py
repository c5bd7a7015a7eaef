"""Favourites, comparison and booklet in a real Chromium; the booklet from disk, without network."""

from __future__ import annotations

import csv
import io
import json
from contextlib import contextmanager
from pathlib import Path  # noqa: TC003 (a fixture that pytest reads)
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import geomap, serving
from tests.browser.test_elder import SMALL, TEXTS
from tests.web.test_safety import PAYLOADS

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TEXT_COLUMNS = (
    "name", "name_en", "address", "township", "phone", "website", "operator", "operator_model",
    "brand", "parent_id", "inspection_result", "demo_tag", "photo", "source", "source_url",
    "licence", "rating_scheme",
)  # fmt: skip
#: Marks on the page that a text of the data ran as script.
TRAP = "window.ran = []; for (const name of ['alert', 'confirm', 'prompt'])" \
    " window[name] = (...said) => window.ran.push(said);"  # fmt: skip


@contextmanager
def imported(source: Path, folder: Path):
    """Import a file and serve it."""
    geomap("import", source, "--into", folder / "ours", "--yes")
    with serving(folder / "log", folder / "ours") as address:
        yield address


@pytest.fixture(scope="module")
def taipei_url(data_folder, tmp_path_factory):
    """The address of a server over the workspace that was made of the real file."""
    folder = tmp_path_factory.mktemp("taipei")
    with imported(data_folder / "taipei" / "homes.csv", folder) as address:
        yield address


@pytest.fixture(scope="module")
def hostile_url(tmp_path_factory):
    """The address of a server over an imported file whose texts are all markup and script."""
    folder = tmp_path_factory.mktemp("hostile")
    source = folder / "hostile.csv"
    with source.open("w", encoding="utf-8", newline="") as out:
        written = csv.writer(out)
        written.writerow(["id", "type", "lon", "lat", "adcode", "risk_listed", *TEXT_COLUMNS])
        for place, payload in enumerate(PAYLOADS.values()):
            texts = [payload.format(i=f"{place}{i}") for i in range(len(TEXT_COLUMNS))]
            spot = [121.45 + place / 100, 31.23]
            written.writerow([f"h{place}", "nursing_home", *spot, "310106", "yes", *texts])
    with imported(source, folder) as address:
        yield address


@pytest.fixture
def visit(chromium):
    """Open a page; at the end nothing may have been complained of."""
    contexts, complaints = [], []

    def go(address: str, cookies: dict[str, str] | None = None, **options):
        size = {"width": options.pop("width", 360), "height": options.pop("height", 760)}
        context = chromium.new_context(viewport=size, **{"locale": "zh-CN", **options})
        contexts.append(context)
        for name, value in (cookies or {}).items():
            cookie = {"name": f"geomap_{name}", "value": value, "url": address}
            context.add_cookies([cookie])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
        page.goto(address)
        return page

    yield go
    for context in contexts:
        context.close()
    assert complaints == []


def ids_of(address: str, most: int) -> list[str]:
    with urlopen(f"{address}/api/v1/facilities?limit={most}", timeout=60) as answer:
        return [each["id"] for each in json.load(answer)["features"]]


@pytest.mark.shows("undo")
def test_a_home_is_kept_in_place_said_counted_and_given_up_again(visit, server_url):
    page = visit(f"{server_url}/?q=静安区", width=1440)
    before = page.url
    buttons = page.locator(".card .keep-button")
    buttons.nth(0).click()
    page.locator("[data-kept=compare]", has_text="1").wait_for()
    buttons.nth(1).press("Enter")
    page.locator("[data-kept=compare]", has_text="2").wait_for()
    assert page.url == before
    assert buttons.nth(1).get_attribute("aria-pressed") == "true"
    assert page.evaluate("document.activeElement.className").endswith("keep-button")
    said = page.locator(".card [role=status]").nth(1)
    assert [said.inner_text().split()[each] for each in (0, 1, -1)] == [
        "已加入对比", "撤销", "看对比（2）",
    ]  # fmt: skip
    said.locator("button").click()
    page.locator("[data-kept=compare]", has_text="1").wait_for()
    assert buttons.nth(1).get_attribute("aria-pressed") == "false"
    assert "已移出对比" in said.inner_text()
    said.locator("button").click()
    page.locator("[data-kept=compare]", has_text="2").wait_for()
    page.locator("[data-kept=compare]").click()
    page.locator("table.compare").wait_for()
    assert "ids=" in page.url
    assert page.locator("tr.row-distance").count() == 1


def test_favourites_outlive_the_browser_and_the_choice_to_compare_does_not(visit, server_url):
    page = visit(f"{server_url}/?q=静安区")
    page.locator(".card .keep-button").first.click()
    page.locator(".card [role=status] a").first.wait_for()
    page.locator(".card h3 a").first.click()
    page.locator(".keep-favourites .keep-button").click()
    page.locator(".keep-favourites [role=status] a").wait_for()
    lasting = {each["name"]: each["expires"] for each in page.context.cookies()}
    assert lasting["geomap_favourites"] > 0
    assert lasting["geomap_compare"] == -1


@pytest.mark.shows("no-script")
def test_without_scripts_one_keeps_compares_and_gives_up(visit, server_url):
    page = visit(f"{server_url}/?q=静安区", java_script_enabled=False)
    for place in (0, 1):
        page.locator(".card .keep-button").nth(place).click()
        expect(page.locator(".card .keep-button[aria-pressed=true]")).to_have_count(place + 1)
    compared = page.locator("thead th:not(.what)")
    page.locator(".card [role=status] a").first.click()
    expect(compared).to_have_count(2)
    page.locator(".take-out button").first.click()
    expect(compared).to_have_count(1)
    page.locator(".compare-said button").click()
    expect(compared).to_have_count(2)
    page.locator("thead a").first.click()
    page.locator(".keep-favourites .keep-button").click()
    page.locator(".keep-favourites [role=status] a").click()
    expect(page.locator(".kept-cards .card")).to_have_count(1)


def pages_of(address: str) -> tuple[list[str], dict[str, str]]:
    ids = ids_of(address, 5)
    paths = [
        f"/compare?ids={','.join(ids[:4])}&q=静安区", "/compare?none=1", "/favourites",
        "/favourites?removed=x&place=0", f"/booklet?ids={','.join(ids)}",
        "/booklet?adcode=3101", "/booklet",
    ]  # fmt: skip
    return paths, {"favourites": "!".join([*ids, "gone"]), "compare": "!".join(ids[:2])}


@pytest.mark.shows("axe")
@pytest.mark.shows("language")
@pytest.mark.parametrize(
    ("look", "options"),
    [
        (None, {}),
        (None, {"locale": "en-GB", "color_scheme": "dark", "width": 1440}),
        ("biggest-black", {"locale": "en-GB"}),
    ],
)
def test_axe_finds_nothing_on_the_pages_of_what_is_kept(visit, server_url, look, options):
    from axe_playwright_python.sync_playwright import Axe

    paths, cookies = pages_of(server_url)
    page = visit(server_url, cookies | ({"elder": look} if look else {}), **options)
    rules = {"runOnly": [*RULES, "wcag2aaa"] if look else RULES}
    found = {}
    for path in paths:
        page.goto(server_url + path)
        violations = Axe().run(page, options=rules).response["violations"]
        if violations:
            found[path] = [(each["id"], each["nodes"][0]["html"][:160]) for each in violations]
    assert found == {}


@pytest.mark.shows("text-size")
@pytest.mark.shows("contrast")
@pytest.mark.shows("target-60")
@pytest.mark.shows("reflow")
@pytest.mark.parametrize(("look", "width"), [("big-white", 360), ("biggest-black", 320)])
def test_elder_mode_is_as_large_here_as_elsewhere(visit, server_url, look, width):
    paths, cookies = pages_of(server_url)
    page = visit(server_url, cookies | {"elder": look}, width=width)
    for path in paths:
        page.goto(server_url + path)
        texts = page.evaluate(TEXTS)
        assert [each for each in texts if each["size"] < 18] == [], path
        assert [each for each in texts if each["block"] and each["line"] < 1.69] == [], path
        assert [each for each in texts if each["ratio"] < 7] == [], path
        assert page.evaluate(SMALL, 60) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.shows("reflow")
@pytest.mark.shows("target-44")
def test_pages_as_usual_fit_a_small_screen_and_their_targets_a_finger(visit, server_url):
    paths, cookies = pages_of(server_url)
    page = visit(server_url, cookies, width=320)
    for path in [*paths, "/?q=静安区"]:
        page.goto(server_url + path)
        page.locator(".for-menu").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        small = page.evaluate(SMALL, 44)
        assert [each for each in small if "<a href" not in each or 'class="' in each] == [], path


def test_the_menu_of_a_small_screen_opens_by_keyboard(visit, server_url):
    page = visit(server_url, {"favourites": "x"})
    assert not page.locator("[data-kept=favourites]").is_visible()
    page.locator("#show-menu").press("Space")
    page.locator("[data-kept=favourites]").focus()
    page.keyboard.press("Enter")
    page.locator("h1", has_text="我的收藏").wait_for()


def test_the_map_of_elder_mode_begins_with_few_symbols(visit, server_url):
    (one,) = ids_of(server_url, 1)
    page = visit(f"{server_url}/map?focus={one}", {"elder": "big-white"}, width=760)
    page.locator(".map-symbol-selected").wait_for()
    page.wait_for_timeout(2500)
    seen = page.evaluate("""() => {
        const frame = document.querySelector(".leaflet-container").getBoundingClientRect();
        return [...document.querySelectorAll(".map-symbol, .map-disc")].filter((each) => {
            const box = each.getBoundingClientRect();
            const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
            return x > frame.left && x < frame.right && y > frame.top && y < frame.bottom;
        }).length;
    }""")
    assert 1 <= seen <= 5


def booklet(address: str, ids: list[str], form: str) -> bytes:
    with urlopen(f"{address}/booklet?f={form}&ids={','.join(ids)}", timeout=120) as answer:
        return answer.read()


def test_the_booklet_of_a_real_register_opens_from_disk_without_network(
    chromium, taipei_url, tmp_path
):
    from axe_playwright_python.sync_playwright import Axe

    ids = ids_of(taipei_url, 12)
    file = tmp_path / "booklet.html"
    file.write_bytes(booklet(taipei_url, ids, "html"))
    context = chromium.new_context(viewport={"width": 360, "height": 760}, offline=True)
    page = context.new_page()
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: complaints.append(said.text))
    page.goto(file.as_uri())
    pictures = page.locator("img").evaluate_all("all => all.map((each) => each.naturalWidth)")
    assert len(pictures) == 24
    assert min(pictures) > 0
    assert [each for each in asked if not each.startswith(("file:", "data:"))] == []
    assert len([each for each in asked if each.startswith("file:")]) == 1
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    violations = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:160]) for each in violations] == []
    printed = page.pdf(prefer_css_page_size=True)
    context.close()
    pypdf = pytest.importorskip("pypdf")
    assert len(pypdf.PdfReader(io.BytesIO(printed)).pages) == len(ids) + 2


def test_the_pdf_of_a_real_register_has_each_home_on_a_page_of_its_own(taipei_url):
    pypdf = pytest.importorskip("pypdf")
    pytest.importorskip("weasyprint", exc_type=OSError)
    ids = ids_of(taipei_url, 8)
    read = pypdf.PdfReader(io.BytesIO(booklet(taipei_url, ids, "pdf")))
    assert len(read.pages) == len(ids) + 2
    for each in read.pages[2:]:
        text = each.extract_text()
        assert "打电话问四句" in text
        assert "最近核对" in text or "来源" in text


def test_markup_in_the_data_runs_nowhere_even_where_no_policy_forbids_it(
    chromium, hostile_url, tmp_path
):
    ids = ids_of(hostile_url, 20)
    assert len(ids) == len(PAYLOADS)
    file = tmp_path / "booklet.html"
    file.write_bytes(booklet(hostile_url, ids, "html"))
    context = chromium.new_context(bypass_csp=True, locale="zh-CN")
    context.add_init_script(TRAP)
    kept = [("favourites", "!".join(ids)), ("compare", "!".join(ids[:4]))]
    context.add_cookies(
        [{"name": f"geomap_{name}", "value": value, "url": hostile_url} for name, value in kept]
    )
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    compared = [f"/compare?ids={','.join(ids[i : i + 4])}" for i in range(0, len(ids), 4)]
    shown = [*compared, "/favourites", f"/booklet?ids={','.join(ids)}", "/"]
    for address in [*(hostile_url + each for each in shown), file.as_uri()]:
        page.goto(address)
        for each in page.locator("main a:visible").all()[:20]:
            each.hover()
        assert page.evaluate("window.ran") == [], address
    context.close()
    own = (hostile_url, file.as_uri(), "data:")
    assert [each for each in asked if not each.startswith(own)] == []


def test_markup_in_the_data_becomes_no_action_of_a_pdf(hostile_url):
    pypdf = pytest.importorskip("pypdf")
    pytest.importorskip("weasyprint", exc_type=OSError)
    read = pypdf.PdfReader(io.BytesIO(booklet(hostile_url, ids_of(hostile_url, 20), "pdf")))
    assert "/OpenAction" not in read.trailer["/Root"]
    assert "/AA" not in read.trailer["/Root"]
    for number in range(1, len(read.xref[0]) + 1):
        found = read.get_object(number)
        if isinstance(found, dict):
            assert found.get("/S") not in ("/JavaScript", "/URI", "/Launch", "/SubmitForm")
            assert "/JS" not in found
    text = "".join(each.extract_text() for each in read.pages).replace("\n", "")
    assert "{{1337*7331}}" in text
    assert "onerror=alert" in text
