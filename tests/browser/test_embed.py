"""Another site's page shows the map: allowed or refused, told what happens, at any size."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import geomap, serving

MOST_BYTES = 150_000
PARENT = """<!DOCTYPE html><html lang="zh-CN"><head><title>县政府</title>
<script src="/own.js" defer></script><script src="{site}/embed.js" async></script></head>
<body><main><h1>县政府</h1>{content}</main></body></html>"""
ELEMENT = (
    '<geomap-embed src="{site}/embed?{asked}" title="养老机构">'
    '<a href="{site}">地图</a></geomap-embed>'
)
FRAME = '<iframe src="{site}/embed?{asked}" title="养老机构" width="600" height="500"></iframe>'
SHOWN = "document.querySelector('geomap-embed').shadowRoot.querySelector('iframe')"
OWN = """window.heard = [];
for (const type of ["facility-select", "search"]) {
    document.addEventListener(type, ({ detail }) => window.heard.push([type, detail]));
}
window.addEventListener("message", ({ origin }) => window.heard.push(["message", origin]));"""


def until(page, expression: str) -> None:
    """Wait until an expression is true; the policy of the pages forbids Playwright's own way."""
    deadline = time.monotonic() + 20
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        page.wait_for_timeout(100)


class Portal(ThreadingHTTPServer):
    """A site of somebody else, with a strict policy of its own."""

    daemon_threads = True
    site = ""
    content = ""

    def start(self) -> None:
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        site = self.server.site
        script = self.path == "/own.js"
        body = OWN if script else PARENT.format(site=site, content=self.server.content)
        self.send_response(200)
        self.send_header(
            "Content-Type", "text/javascript" if script else "text/html; charset=utf-8"
        )
        self.send_header(
            "Content-Security-Policy",
            f"default-src 'none'; script-src 'self' {site}; frame-src {site}; style-src 'self'",
        )
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_said):
        pass


@pytest.fixture(scope="module")
def portal():
    with Portal(("127.0.0.1", 0), _Answer) as server:
        server.start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def server_url(portal, tmp_path_factory):
    folder = tmp_path_factory.mktemp("town") / "demo"
    geomap("demo", folder, "--city", "panjin")
    origin = f"http://127.0.0.1:{portal.server_port}"
    log = tmp_path_factory.mktemp("server") / "log"
    with serving(log, folder, GEOMAP_PORTALS=origin) as address:
        portal.site = address
        yield address


@pytest.fixture
def visit(chromium, portal, server_url):
    """Open the portal's page under a host, with an embed in it."""
    contexts = []

    def go(content: str, asked: str, *, host: str = "127.0.0.1", **options):
        portal.content = content.format(site=server_url, asked=asked)
        context = chromium.new_context(locale="zh-CN", **options)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"http://{host}:{portal.server_port}/")
        return page

    yield go
    for context in contexts:
        assert context.cookies() == []
        context.close()


def test_an_allowed_page_shows_the_map_as_high_as_it_is_and_hears_what_is_chosen(visit, portal):
    page = visit(ELEMENT, "adcode=2111&list=1&search=1&lang=zh")
    frame = page.frame_locator("iframe")
    frame.locator(".leaflet-container").wait_for()
    frame.locator(".map-disc, .map-symbol").first.wait_for()
    until(page, f"{SHOWN}.clientHeight > 900")
    inner = page.frames[1]
    fits = "document.documentElement.scrollHeight <= window.innerHeight + 1"
    until(inner, fits)
    assert page.locator("geomap-embed > a").is_hidden()
    with page.expect_popup() as opened:
        frame.locator(".embed-list h3 a").first.click()
    opened.value.close()
    name = frame.locator(".embed-list h3 a").first.inner_text()
    until(page, "window.heard.some(([type]) => type === 'facility-select')")
    frame.get_by_role("searchbox").fill("盘山县")
    frame.get_by_role("button", name="搜索").click()
    until(page, "window.heard.some(([type]) => type === 'search')")
    heard = dict(page.evaluate("window.heard"))
    assert heard["facility-select"]["name"] == name
    assert heard["facility-select"]["url"].startswith(portal.site)
    assert heard["search"]["place"] == "盘山县"
    assert heard["message"] == portal.site


def test_a_script_that_is_there_before_the_element_hides_its_link_too(visit):
    page = visit('<script src="{site}/embed.js"></script>' + ELEMENT, "adcode=2111&lang=zh")
    page.frame_locator("iframe").locator(".leaflet-container").wait_for()
    assert page.locator("geomap-embed > a").is_hidden()


def test_an_element_of_a_script_follows_its_address(visit, portal):
    page = visit("", "")
    until(page, "Boolean(customElements.get('geomap-embed'))")
    page.evaluate("document.body.append(document.createElement('geomap-embed'))")
    embed = "document.querySelector('geomap-embed')"
    address = f"{portal.site}/embed?adcode=2111&lang=zh"
    for _ in range(2):
        page.evaluate(f"{embed}.setAttribute('src', {address!r})")
        page.frame_locator("iframe").locator(".leaflet-container").wait_for()
        page.evaluate(f"{embed}.setAttribute('src', 'javascript:0')")
        assert page.locator("iframe").count() == 0


def test_a_page_that_is_not_allowed_is_refused(visit):
    page = visit(FRAME, "lang=zh", host="localhost")
    page.wait_for_timeout(1_000)
    assert page.frames[1].url.startswith("chrome-error:")


def test_a_plain_frame_fills_its_box(visit):
    page = visit(FRAME, "adcode=2111&lang=zh")
    page.frame_locator("iframe").locator(".leaflet-container").wait_for()
    assert (
        page.frames[1].evaluate("document.documentElement.classList.contains('is-sized')") is False
    )
    assert page.evaluate("window.heard") == []


def test_two_embeds_on_one_page_do_not_mix_and_the_keyboard_leads_through_both(visit):
    other = ELEMENT.replace("{asked}", "adcode=2111&lang=en&elder=big&list=1")
    page = visit(ELEMENT + other + '<a href="/own.js">后面</a>', "adcode=2111&list=1&lang=zh")
    frames = [page.frame_locator(f"iframe >> nth={n}") for n in (0, 1)]
    page.locator("iframe >> nth=1").scroll_into_view_if_needed()
    for frame, said in zip(frames, ("盘锦市的养老机构", "Care homes of Panjin"), strict=True):
        frame.get_by_role("link", name=said).wait_for()
    until(page, "[...document.querySelectorAll('geomap-embed')].every((e) => e.clientHeight > 900)")
    assert page.frames[1].evaluate("document.documentElement.dataset.size ?? null") is None
    assert page.frames[2].evaluate("document.documentElement.dataset.size") == "big"
    with page.expect_popup() as opened:
        frames[1].locator(".embed-list h3 a").first.click()
    opened.value.close()
    until(page, "window.heard.some(([type]) => type === 'facility-select')")
    heard = [detail for type_, detail in page.evaluate("window.heard") if type_ != "message"]
    assert len(heard) == 1
    for _ in range(400):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "A":
            break
    assert page.evaluate("document.activeElement.textContent") == "后面"


@pytest.mark.parametrize("asked", ["adcode=2111&lang=zh", "layers=gaps,coverage&lang=zh"])
def test_it_is_light(open_page, asked):
    page = open_page("/healthz", width=800, height=600)
    told = page.context.new_cdp_session(page)
    told.send("Network.enable")
    addresses, sizes = {}, {}
    told.on(
        "Network.requestWillBeSent",
        lambda event: addresses.update({event["requestId"]: event["request"]["url"]}),
    )
    told.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )
    page.goto(f"/embed?{asked}")
    page.wait_for_timeout(3_000)
    besides = sum(n for key, n in sizes.items() if "/vendor/leaflet/" not in addresses.get(key, ""))
    assert len(sizes) > 20
    assert besides <= MOST_BYTES
    print(f"/embed?{asked}: {besides / 1000:.0f} kB besides libraries")


@pytest.mark.parametrize(
    ("width", "height", "elder"),
    [(320, 320, ""), (360, 640, "&elder=biggest"), (768, 600, "&elder=big-black"), (1440, 800, "")],
)
def test_axe_finds_nothing_and_nothing_needs_scrolling_sideways(open_page, width, height, elder):
    path = f"/embed?adcode=2111&list=1&search=1&lang=zh{elder}"
    page = open_page(path, width=width, height=height)
    page.locator(".map-disc, .map-symbol").first.wait_for()
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_planners_layers_are_drawn_and_told(open_page):
    page = open_page("/embed?adcode=2111&layers=gaps,coverage&lang=zh", width=800, height=700)
    page.get_by_text("空白区：直线 1,000 米内没有机构").wait_for()
    assert page.locator(".leaflet-planGaps-pane path, .leaflet-pane path").count() > 3
    assert Axe().run(page).response["violations"] == []


def test_without_scripts_the_list_stands_in_place_of_the_map(open_page):
    page = open_page("/embed?adcode=2111&lang=zh", width=360, java_script_enabled=False)
    assert page.locator(".embed-list li").first.is_visible()
    assert not page.locator(".embed-map").is_visible()


def test_one_finger_leaves_the_page_to_scroll(open_page):
    page = open_page("/embed?adcode=2111&lang=zh", width=360, has_touch=True, is_mobile=True)
    page.locator(".leaflet-container.map-two-fingers").wait_for()
    action = "getComputedStyle(document.querySelector('.leaflet-container')).touchAction"
    assert "pan-y" in page.evaluate(action)


def test_the_builder_follows_the_form_and_copies(open_page):
    page = open_page("/embed/new?lang=zh", permissions=["clipboard-read", "clipboard-write"])
    assert Axe().run(page, options={"iframes": False}).response["violations"] == []
    page.get_by_label("哪里", exact=True).fill("盘山县")
    page.get_by_label("列表一开始就打开").check()
    until(page, "document.getElementById('copy-link').value.includes('adcode=211122')")
    until(page, "document.getElementById('copy-link').value.includes('list=1')")
    assert "adcode=211122" in page.locator("#preview").get_attribute("src")
    page.locator("button[data-copies='copy-link']").click()
    page.locator("#made-status", has_text="已复制").wait_for(state="attached")
    link = page.locator("#copy-link").input_value()
    assert page.evaluate("navigator.clipboard.readText()") == link
    page.locator("summary", has_text="从哪个视野开始").click()
    page.get_by_role("button", name="用预览里现在的视野").click()
    until(page, "document.getElementById('copy-link').value.includes('zoom=')")
    page.get_by_label("哪里", exact=True).fill("没有这种地方")
    page.get_by_label("高度（像素）").fill("640")
    page.locator("#place-fault").wait_for()


def test_the_builder_says_what_it_leaves_out_and_keeps_what_it_does_not_offer(open_page):
    page = open_page("/embed/new?lang=zh&elder=nope&within=x&sort=price&list=1&lon=122.1&lat=41.1")
    assert page.locator(".fault-summary a").count() == 2
    assert Axe().run(page, options={"iframes": False}).response["violations"] == []
    page.get_by_label("可以找别的地方").check()
    until(page, "document.getElementById('copy-link').value.includes('search=1')")
    assert page.locator(".fault-summary").count() == 0
    for kept in ("sort=price", "list=1", "lon=122.1", "lat=41.1"):
        assert kept in page.locator("#copy-link").input_value()


def test_the_builder_works_without_scripts(open_page):
    page = open_page("/embed/new?lang=zh", width=360, java_script_enabled=False)
    page.get_by_label("哪里", exact=True).fill("盘山县")
    page.get_by_role("button", name="更新预览").click()
    assert "adcode=211122" in page.locator("#copy-link").input_value()
    assert page.locator("button[data-copies]").first.is_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
