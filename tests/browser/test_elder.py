"""Elder mode in a real Chromium: whole tasks, sizes and contrasts as they are drawn."""

from __future__ import annotations

import re
from itertools import pairwise
from urllib.parse import quote, unquote, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import geomap, serving

COOKIE = "geomap_elder"
CANARY = "宁波市海曙区南门街道胜丰路97号"
MOST_STOPS = 7
#: Every text that is drawn: its size, its line, its colours and how far they are apart.
TEXTS = """() => {
    const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
    const rgba = (text) => text.match(/[\\d.]+/g).map(Number);
    const ground = (node) => {
        for (let each = node; each; each = each.parentElement) {
            const [r, g, b, a = 1] = rgba(getComputedStyle(each).backgroundColor);
            if (a > 0) return [r, g, b];
        }
        return [255, 255, 255];
    };
    const found = [];
    for (const node of document.querySelectorAll("body *")) {
        const own = [...node.childNodes].some((each) => each.nodeType === 3 && each.data.trim());
        const unseen = !node.checkVisibility() || node.closest(".visually-hidden, .skip, noscript");
        if (!own || unseen) continue;
        const style = getComputedStyle(node);
        const pair = [light(rgba(style.color)), light(ground(node))].sort((a, b) => b - a);
        found.push({
            text: node.textContent.trim().slice(0, 30),
            size: parseFloat(style.fontSize),
            line: parseFloat(style.lineHeight) / parseFloat(style.fontSize),
            block: Boolean(node.closest("p, li, dd, dt"))
                && !node.closest(".button, .chip, h1, h2, h3, h4"),
            ratio: (pair[0] + 0.05) / (pair[1] + 0.05),
        });
    }
    return found;
}"""
#: Targets that are smaller than they should be; links inside a sentence may be.
SMALL = """(least) => [...document.querySelectorAll(
    "a, button, input, select, textarea, summary, label.choice")]
    .filter((each) => each.checkVisibility() && !each.closest(".visually-hidden, .skip, .notice"))
    .filter((each) => !["hidden", "radio", "checkbox"].includes(each.type))
    .filter((each) => !(each.matches("p a, li a, dd a") && each.parentElement.textContent.trim()
        !== each.textContent.trim() && getComputedStyle(each).display === "inline"))
    .map((each) => [each.outerHTML.slice(0, 90), each.getBoundingClientRect()])
    .filter(([, box]) => box.height < least - 0.1 || box.width < least - 0.1)
    .map(([html, box]) => `${html} ${box.width.toFixed()}x${box.height.toFixed()}`)"""


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """The address and the log of a server over an invented city, whose homes have telephones."""
    folder = tmp_path_factory.mktemp("city") / "demo"
    geomap("demo", folder, "--city", "ningbo")
    log = folder.parent / "log"
    with serving(log, folder) as address:
        yield address, log


@pytest.fixture
def visit(chromium, city):
    """Open a page of the city in elder mode, or as usual where the look is None."""
    contexts, complaints = [], []

    def go(
        path: str, look: str | None = "big-white", *, width: int = 360, height: int = 760, **options
    ):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, base_url=city[0],
            **{"locale": "zh-CN", **options},
        )  # fmt: skip
        contexts.append(context)
        if look:
            context.add_cookies([{"name": COOKIE, "value": look, "url": city[0]}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
        page.goto(path)
        return page

    yield go
    for context in contexts:
        context.close()
    assert [each for each in complaints if "404" not in each] == []


def focused(page) -> str:
    return page.evaluate("document.activeElement.innerText?.trim() ?? ''")


def tab_to(page, said: str, most: int) -> int:
    """Press Tab until something that says so has the focus; tell how often."""
    for stops in range(1, most + 1):
        page.keyboard.press("Tab")
        assert in_sight(page), focused(page)
        if said in focused(page):
            return stops
    pytest.fail(f"{said} was not reached by {most} presses of Tab")


def in_sight(page) -> bool:
    """Whether what has the focus is drawn, outlined, in the window and not covered."""
    return page.evaluate("""() => {
        const node = document.activeElement;
        if (node === document.body) return true;
        const box = node.getBoundingClientRect();
        const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
        const top = document.elementFromPoint(x, y);
        const outlined = parseFloat(getComputedStyle(node).outlineWidth) >= 3;
        return outlined && (node.contains(top) || top?.contains(node));
    }""")


HOME = "/facilities/demo-ningbo-000000"
PATHS = ["/", "/places?beds=free", "/?q=海曙区&beds=free&at=2", "/?q=鼓楼", "/?q=xyzzz", HOME,
         "/about", "/accessibility", "/elder", "/check", "/nothing"]  # fmt: skip


@pytest.mark.shows("keyboard")
@pytest.mark.shows("focus")
@pytest.mark.shows("task")
def test_by_keyboard_alone_one_finds_a_free_bed_and_its_telephone(visit):
    page = visit("/")
    tab_to(page, "找有空床的养老院", 12)
    page.keyboard.press("Enter")
    page.locator("h1", has_text="您想在哪里找").wait_for()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "q":
            break
    page.keyboard.type("海曙区")
    page.keyboard.press("Enter")
    page.locator("h1", has_text="第 1 家").wait_for()
    while not page.locator(".one-home a[href^='tel:']").count():
        page.locator("[rel=next]").focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
    expect(page.locator(".one-home .beds")).to_contain_text("空床")
    page.locator(".one-home h2 a").focus()
    assert tab_to(page, "打电话", MOST_STOPS) <= MOST_STOPS
    assert page.evaluate("document.activeElement.href").startswith("tel:")
    page.reload()
    assert tab_to(page, "打电话", MOST_STOPS) <= MOST_STOPS  # from the top of the page, too


@pytest.mark.shows("keyboard")
@pytest.mark.parametrize("path", ["/", HOME + "?map=1", "/check"])
@pytest.mark.parametrize("look", ["big-white", None])
def test_the_tab_key_leaves_everything_it_enters(visit, path, look):
    page = visit(path, look, width=1440)
    page.wait_for_timeout(800)
    page.evaluate(
        "document.querySelector('footer').append(Object.assign("
        "document.createElement('a'), {id: 'last', href: '#', textContent: 'x'}))"
    )
    for _ in range(160):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "last":
            return
    pytest.fail(f"the focus is held by {page.evaluate('document.activeElement.outerHTML')[:200]}")


@pytest.mark.shows("text-size")
@pytest.mark.shows("line-height")
@pytest.mark.shows("contrast")
@pytest.mark.shows("target-60")
@pytest.mark.shows("reflow")
@pytest.mark.parametrize(
    ("look", "size", "width"),
    [
        ("big-white", 20, 360),
        ("bigger-black", 24, 768),
        ("biggest-white", 30, 320),
        ("biggest-black", 30, 1440),
    ],
)
def test_letters_lines_colours_and_targets_are_as_large_as_is_said(visit, look, size, width):
    page = visit("/", look, width=width)
    for path in PATHS:
        page.goto(path)
        texts = page.evaluate(TEXTS)
        assert texts
        assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == size
        assert [each for each in texts if each["size"] < 18] == [], path
        assert [each for each in texts if each["block"] and each["line"] < 1.69] == [], path
        assert [each for each in texts if each["ratio"] < 7] == [], path
        assert page.evaluate(SMALL, 60) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.goto("/")
    heights = page.eval_on_selector_all(".main-choice", "all => all.map(e => e.offsetHeight)")
    assert len(heights) == 4
    assert min(heights) >= 84


@pytest.mark.shows("line-height")
def test_paragraphs_are_farther_apart_than_lines(visit):
    for look in ("big-white", "biggest-black"):
        page = visit("/accessibility", look)
        gap, line, size = page.evaluate("""() => {
            const [a, b] = document.querySelectorAll(".prose > p");
            const style = getComputedStyle(a);
            return [b.getBoundingClientRect().top - a.getBoundingClientRect().bottom,
                    parseFloat(style.lineHeight), parseFloat(style.fontSize)];
        }""")
        assert gap >= 1.3 * (line - size) - 0.5


@pytest.mark.parametrize("look", ["big-white", "biggest-black"])
@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_the_three_tools_stand_in_one_row(visit, look, locale):
    page = visit("/", look, locale=locale)
    page.evaluate("""() => {
        document.querySelector("#read-aloud").hidden = false;
        document.querySelector(".elder-row").classList.add("can-read");
    }""")
    boxes = [
        page.locator(each).bounding_box()
        for each in ("#elder-look > summary", "#read-aloud", ".elder-off .button")
    ]
    assert len({round(each["y"]) for each in boxes}) == 1
    assert max(each["width"] for each in boxes) - min(each["width"] for each in boxes) < 1
    assert all(a["x"] + a["width"] <= b["x"] for a, b in pairwise(boxes))
    assert all(each["height"] < 90 for each in boxes)


@pytest.mark.shows("no-script")
@pytest.mark.shows("undo")
def test_without_javascript_the_switch_the_sizes_and_the_search_work(visit):
    page = visit("/about", None, java_script_enabled=False)
    page.get_by_role("button", name="长辈版").click()
    assert urlsplit(page.url).path == "/about"
    page.locator("#elder-look > summary").click()
    page.get_by_role("button", name="最大").click()
    expect(page.locator("html")).to_have_attribute("data-size", "biggest")
    assert urlsplit(page.url).path == "/about"
    page.goto("/places?beds=free")
    page.fill("#q", "海曙区")
    page.press("#q", "Enter")
    expect(page.locator("h1")).to_have_text(re.compile("^第 1 家"))
    page.get_by_role("button", name="退出长辈版").click()
    expect(page.locator("h1")).to_have_text("海曙区附近的养老机构")
    assert page.get_by_role("button", name="长辈版").count() == 1


@pytest.mark.shows("undo")
def test_sizes_change_at_once_and_are_kept_for_the_next_page(visit):
    page = visit("/?q=海曙区")
    page.locator("#elder-look > summary").click()
    with page.expect_response("**/elder"):
        page.get_by_role("button", name="特大", exact=True).click()
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == 24
    with page.expect_response("**/elder"):
        page.get_by_role("button", name="黑底").click()
    page.goto("/about")
    assert page.locator("html").get_attribute("data-size") == "bigger"
    assert page.locator("html").get_attribute("data-ground") == "black"


VOICES = """
    const said = [];
    class Said extends EventTarget { constructor(text) { super(); this.text = text; } }
    globalThis.SpeechSynthesisUtterance = Said;
    const speech = Object.assign(new EventTarget(), {
        voices: [], said, cancelled: 0,
        getVoices() { return this.voices; },
        speak(each) { said.push(each); },
        cancel() { this.cancelled += 1; },
    });
    Object.defineProperty(globalThis, "speechSynthesis", {value: speech});
"""


@pytest.mark.shows("read-aloud")
def test_a_page_is_read_aloud_in_its_order_by_a_voice_of_the_device_alone(visit):
    page = visit("/")
    assert page.locator("#read-aloud").is_hidden()
    page.context.add_init_script(VOICES)
    page.goto("/?q=海曙区&beds=free&at=2")
    assert page.locator("#read-aloud").is_hidden()
    come = """voices => {
        speechSynthesis.voices = voices;
        speechSynthesis.dispatchEvent(new Event("voiceschanged"));
    }"""
    page.evaluate(
        come, [{"lang": "zh-CN", "localService": False}, {"lang": "en-US", "localService": True}]
    )
    assert page.locator("#read-aloud").is_hidden()
    page.evaluate(come, [{"lang": "zh-CN", "localService": True}])
    page.locator("#read-aloud").click()
    said = page.evaluate("speechSynthesis.said.map(each => each.text)")
    order = [
        "第 2 家",
        "养老院",
        page.locator(".one-home h2").inner_text(),
        page.locator(".one-home .beds").inner_text()[:5],
        "可接收",
        "地址",
    ]
    places = [next(i for i, each in enumerate(said) if part in each) for part in order]
    assert places == sorted(places)
    assert page.locator("#read-aloud").inner_text() == "停止"
    page.locator("#read-aloud").click()
    expect(page.locator("#read-aloud")).to_have_text("朗读")
    assert page.evaluate("speechSynthesis.cancelled") >= 2


@pytest.mark.shows("pointer")
def test_the_large_pointer_and_the_reading_line_are_for_the_mouse(visit):
    page = visit("/about", width=1440)
    page.locator("#elder-look > summary").click()
    for name in ("大指针", "阅读线"):
        with page.expect_response("**/elder"):
            page.get_by_role("button", name=name).click()
    assert "pointer-64.png" in page.evaluate(
        "getComputedStyle(document.querySelector('h1')).cursor"
    )
    assert page.evaluate("fetch('/static/img/pointer-64.png').then(r => r.ok)")
    page.mouse.move(300, 400)
    box = page.locator("#reading-line").bounding_box()
    assert 390 <= box["y"] <= 450
    assert box["width"] >= 1400
    phone = visit("/about", has_touch=True, is_mobile=True)
    phone.locator("#elder-look > summary").click()
    assert phone.get_by_role("button", name="大指针").is_hidden()
    assert phone.locator("#reading-line").count() == 0


@pytest.mark.shows("spacing")
@pytest.mark.parametrize("look", [None, "biggest-white"])
def test_with_wider_lines_letters_and_words_nothing_is_cut_off(visit, look):
    page = visit("/", look, width=320)
    for path in PATHS:
        page.goto(path)
        page.evaluate("""() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important;"
                + " word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }");
            document.adoptedStyleSheets = [sheet];
        }""")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        cut = page.evaluate("""() => [...document.querySelectorAll("main *, header *, footer *")]
            .filter((each) => each.checkVisibility()
                && !each.closest(".visually-hidden, .scroll-x, svg, select, [type=file]"))
            .filter((each) => ["hidden", "clip"].includes(getComputedStyle(each).overflowX)
                && each.clientWidth > 1 && each.scrollWidth > each.clientWidth + 1)
            .map((each) => each.outerHTML.slice(0, 90))""")
        assert cut == [], path


@pytest.mark.shows("reflow")
@pytest.mark.shows("target-44")
def test_pages_as_usual_fit_a_small_screen_and_their_targets_a_finger(visit):
    page = visit("/", None, width=320)
    for path in PATHS:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        small = page.evaluate(SMALL, 44)
        assert [each for each in small if "<a href" not in each or 'class="' in each] == [], path


@pytest.mark.shows("axe")
@pytest.mark.shows("language")
@pytest.mark.parametrize(
    ("look", "options"),
    [
        ("big-white", {"locale": "zh-CN"}),
        ("biggest-black", {"locale": "en-GB", "color_scheme": "dark"}),
        (None, {"locale": "en-GB", "color_scheme": "dark"}),
        (None, {"locale": "zh-CN"}),
    ],
)
def test_axe_finds_nothing_on_any_page(visit, look, options):
    from axe_playwright_python.sync_playwright import Axe

    page = visit("/", look, **options)
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    if look:
        rules["runOnly"].append("wcag2aaa")
    found = {}
    for path in [*PATHS, HOME + "?map=1"] if look else ["/accessibility", "/elder", "/check", HOME]:
        page.goto(path)
        if page.locator("iframe").count():
            page.locator("iframe").first.scroll_into_view_if_needed()
            page.frame_locator("iframe").first.locator(".leaflet-container").wait_for()
        violations = Axe().run(page, options=rules).response["violations"]
        if violations:
            found[path] = [(each["id"], each["nodes"][0]["html"][:160]) for each in violations]
    assert found == {}


@pytest.mark.parametrize("look", ["big-white", "bigger-black"])
def test_with_forced_colours_every_button_has_an_edge(visit, look):
    page = visit("/", look, forced_colors="active")
    for path in PATHS:
        page.goto(path)
        bare = page.eval_on_selector_all(
            ".button",
            "all => all.filter(e => e.checkVisibility()"
            " && parseFloat(getComputedStyle(e).borderTopWidth) < 1)"
            ".map(e => e.outerHTML.slice(0, 90))",
        )
        assert bare == [], path


@pytest.mark.shows("motion")
def test_the_map_of_elder_mode_shows_a_card_below_and_large_targets(visit):
    page = visit(HOME + "?map=1", width=1440, reduced_motion="reduce")
    page.locator("iframe").scroll_into_view_if_needed()
    frame = page.frame_locator("iframe")
    frame.locator(".map-symbol").first.wait_for()
    sizes = frame.locator(".map-tools button, .map-symbol").evaluate_all(
        "all => all.map(e => Math.min(e.offsetWidth, e.offsetHeight))"
    )
    assert min(sizes) >= 59
    frame.locator(".map-symbol-selected").press("Enter")
    frame.locator(".map-panel .map-card").wait_for()
    assert frame.locator(".leaflet-popup").count() == 0


@pytest.mark.shows("private")
@pytest.mark.parametrize(("look", "scripted"), [(None, True), (None, False), ("big-white", True)])
def test_a_home_that_is_typed_reaches_no_address_referrer_title_or_log(visit, city, look, scripted):
    page = visit("/", look, width=1440, java_script_enabled=scripted)
    asked = []

    def note(request):  # playwright marks its listeners, which a built-in method does not allow
        asked.append(request)

    page.context.on("request", note)
    if scripted and look is None:
        page.locator("#q").press_sequentially(CANARY, delay=15)
        page.locator("[role=option]").first.wait_for()
    else:
        page.fill("#q", CANARY)
    page.keyboard.press("Escape")
    page.fill("#q", CANARY)
    page.press("#q", "Enter")
    page.wait_for_url("**lon=*")
    titles = [page.title()]
    if scripted and look is None:
        page.locator("#map-frame").scroll_into_view_if_needed()
        page.frame_locator("#map-frame").locator(".leaflet-container").wait_for()
        page.wait_for_timeout(700)
    page.locator(".card a[href^='/facilities']").first.click()
    page.locator("h1").wait_for()
    titles.append(page.title())
    page.wait_for_timeout(300)
    sent = [unquote(f"{each.url} {each.headers.get('referer', '')}") for each in asked]
    assert len(sent) > 5
    assert not [each for each in sent if "97" in each and "胜丰" in each]
    assert not [each for each in sent if re.search(r"(?:lon|lat)=\d+\.\d{4}", each)]
    assert {urlsplit(each.url).netloc for each in asked} == {urlsplit(city[0]).netloc}
    assert not any("胜丰" in each for each in titles)
    log = city[1].read_text()
    assert "POST /find" in log
    for trace in (CANARY, "胜丰路97", quote(CANARY), quote("胜丰路97号"), "lon=", "?"):
        assert trace not in log
