"""Elder mode (长辈版): one switch, remembered in a cookie; the same pages and addresses.

The cookie holds the size of letters, the ground, and what helps the eye of those who use a
mouse: ``bigger-black-pointer-line``. Without the cookie, or where it cannot be read, pages look
as usual.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, cast, get_args
from urllib.parse import quote, urlencode, urlsplit

from apiflask import APIBlueprint
from flask import Response, current_app, g, has_request_context, redirect, render_template, request

from geomap.web.language import own_arguments, page_url
from geomap.web.security import sent_from_elsewhere

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

Size = Literal["big", "bigger", "biggest"]
Ground = Literal["white", "black"]

COOKIE = "geomap_elder"
SIZES: tuple[Size, ...] = get_args(Size)
GROUNDS: tuple[Ground, ...] = get_args(Ground)
#: What people type who look for elder mode; 長輩版 and English too.
NAMES = frozenset(
    (
        *("长辈版", "关怀版", "亲情版", "关爱版", "大字版", "老年版", "老人版", "适老版"),
        *("长辈模式", "关怀模式", "大字模式", "老年模式", "長輩版", "關懷版", "親情版", "關愛版"),
        *("elder mode", "easy mode", "large print", "large type"),
    )
)
_SWITCHES = {"0": False, "1": True}
_YEAR_S = 31_536_000
_LONGEST_ADDRESS = 2_000

elder_pages = APIBlueprint("elder_pages", __name__, enable_openapi=False)


@dataclass(frozen=True)
class Elder:
    """How the pages of elder mode look.

    Attributes
    ----------
    size : big, bigger, biggest: 20, 24, 30 px where the browser's own size is 16.
    ground : letters on white, or on black.
    pointer : an extra-large pointer, where there is a mouse.
    line : a line that follows the pointer, to read along.
    """

    size: Size = "big"
    ground: Ground = "white"
    pointer: bool = False
    line: bool = False

    @property
    def text(self) -> str:
        """Write it for the cookie."""
        helps = ["pointer"] * self.pointer + ["line"] * self.line
        return "-".join([self.size, self.ground, *helps])


def read_elder(text: str | None) -> Elder | None:
    """Read a cookie; None where it is missing or was not written by us.

    Examples
    --------
    >>> read_elder("bigger-black-line")
    Elder(size='bigger', ground='black', pointer=False, line=True)
    >>> read_elder("huge-white"), read_elder(None)
    (None, None)
    """
    size, _dash, rest = (text or "").partition("-")
    ground, *helps = rest.split("-")
    if size not in SIZES or ground not in GROUNDS:
        return None
    return Elder(size, ground, pointer="pointer" in helps, line="line" in helps)


def changed(elder: Elder, wishes: Mapping[str, str]) -> Elder:
    """Change what a form asks for; what it does not name, or names wrongly, stays.

    Examples
    --------
    >>> changed(Elder("bigger"), {"ground": "black", "line": "1", "size": "x"}).text
    'bigger-black-line'
    """
    if wishes.get("size") in SIZES:
        elder = replace(elder, size=cast("Size", wishes["size"]))
    if wishes.get("ground") in GROUNDS:
        elder = replace(elder, ground=cast("Ground", wishes["ground"]))
    if wishes.get("pointer") in _SWITCHES:
        elder = replace(elder, pointer=_SWITCHES[wishes["pointer"]])
    if wishes.get("line") in _SWITCHES:
        elder = replace(elder, line=_SWITCHES[wishes["line"]])
    return elder


def current_elder() -> Elder | None:
    """Tell how this request's page looks in elder mode; None where that is off."""
    if not has_request_context():
        return None
    if "elder" not in g:
        g.elder = read_elder(request.cookies.get(COOKIE))
    return cast("Elder | None", g.elder)


def is_elder_name(text: str | None) -> bool:
    """Tell whether a search is for elder mode itself.

    Examples
    --------
    >>> is_elder_name(" 长辈版 "), is_elder_name("Elder mode"), is_elder_name("长辈")
    (True, True, False)
    """
    return text is not None and " ".join(text.lower().split()) in NAMES


def own_address(text: str | None) -> str | None:
    """Give an address below this site's root as it is; None for any other.

    Examples
    --------
    >>> own_address("/facilities/a?q=1"), own_address("//example.org"), own_address("https:/x")
    ('/facilities/a?q=1', None, None)
    """
    if not text or len(text) > _LONGEST_ADDRESS or not text.startswith("/"):
        return None
    if not text.isprintable() or text.startswith(("//", "/\\")) or "\\" in text:
        return None
    parts = urlsplit(text)
    return None if parts.scheme or parts.netloc else text


def here() -> str:
    """Give the address of this page, to come back to after a switch.

    A page that answers a form has none of its own; then it is the form's, where one can be shown.
    """
    path = quote(f"{request.script_root}{request.path}", safe="/:@!$&'()*+,;=~")
    if request.method == "GET":
        asked = urlencode(own_arguments(), doseq=True)
        return f"{path}?{asked}" if asked else path
    routes = current_app.create_url_adapter(request)
    shown = routes is not None and routes.test(request.path, "GET")
    return path if shown else page_url("pages.finder")


@elder_pages.get("/elder")
def show_elder() -> Response:
    """Show what elder mode is, with its switch; searching for it leads here."""
    return Response(render_template("elder.html"))


@elder_pages.post("/elder")
def switch() -> Response:
    """Switch elder mode on, off or otherwise, and go back to the page one came from."""
    target = own_address(request.form.get("next")) or page_url("pages.finder")
    if sent_from_elsewhere():
        return see_other(target)
    if request.form.get("off"):
        answer = see_other(target)
        answer.delete_cookie(COOKIE, samesite="Lax", httponly=True, path=request.script_root or "/")
        return answer
    return remember(see_other(target), changed(current_elder() or Elder(), request.form))


def remember(response: Response, elder: Elder) -> Response:
    """Keep the look in a cookie, for a year."""
    response.set_cookie(
        COOKIE,
        elder.text,
        max_age=_YEAR_S,
        samesite="Lax",
        httponly=True,
        secure=request.is_secure,
        path=request.script_root or "/",
    )
    return response


def see_other(address: str) -> Response:
    """Lead to a page by GET; nobody keeps this answer."""
    response = cast("Response", redirect(address, code=303, Response=Response))
    response.headers["Cache-Control"] = "no-store"
    return response


def offer_elder(app: Flask) -> None:
    """Give every template the look of elder mode, and tell caches that pages differ by it."""
    app.register_blueprint(elder_pages)
    app.jinja_env.globals.update(here=here)

    @app.context_processor
    def look() -> dict[str, object]:
        return {"elder": current_elder()}

    @app.after_request
    def vary(response: Response) -> Response:
        if response.mimetype == "text/html" and not g.get("cookieless"):
            response.vary.update(["Accept-Language", "Cookie"])
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response
