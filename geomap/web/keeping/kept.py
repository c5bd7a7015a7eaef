"""Homes that a reader keeps: favourites for a year, a choice to compare until the browser closes.

Both stand in cookies of this site, as ids only: they stay in the browser and are never stored
here. A form sets them, so that keeping works without scripts; static/js/favourites.js sends the
same form in place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, cast
from urllib.parse import parse_qs, quote, unquote, urlsplit

from apiflask import APIBlueprint
from flask import Response, g, get_template_attribute, has_request_context, jsonify, request

from geomap.web.finder.elder import own_address, see_other
from geomap.web.language import own_arguments, page_url
from geomap.web.query import whole
from geomap.web.security import sent_from_elsewhere
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from flask import Flask

    from geomap.web.state import Snapshot

Ids = tuple[str, ...]
Name = Literal["favourites", "compare"]

_YEAR_S = 31_536_000
#: Between ids; quoted ids never hold it, and cookies may.
_BETWEEN = "!"
#: Browsers keep at least 4,096 bytes of a cookie with its name and attributes.
_LONGEST = 3_600
_LONGEST_ID = 200
#: The parameters that say from where distances count.
PLACE = ("q", "lon", "lat", "located")

keeping = APIBlueprint("kept", __name__, enable_openapi=False)


@dataclass(frozen=True)
class Kept:
    """One list of ids in a cookie.

    Parameters
    ----------
    cookie : its name.
    most : ids that it holds.
    lasts_s : seconds it is kept; None until the browser is closed.
    ids : in the order in which they were added, each once.
    """

    cookie: str
    most: int
    lasts_s: int | None = None
    ids: Ids = ()

    def read(self, text: str | None) -> Kept:
        """Read a cookie; what was not written by us, or is too much, is left out.

        Examples
        --------
        >>> Kept("k", 2).read("a!b%20c!d").ids, Kept("k", 2).read("a!!a!%0A").ids
        (('a', 'b c'), ('a',))
        """
        if text is None or len(text) > _LONGEST:
            return replace(self, ids=())
        return replace(self, ids=well_formed(unquote(each) for each in text.split(_BETWEEN)))._cut()

    @property
    def text(self) -> str:
        """Write it for the cookie."""
        return _BETWEEN.join(quote(each, safe="") for each in self.ids)

    def with_one(self, one: str, *, at: int | None = None) -> Kept:
        """Add an id, at the end or back where it was; the same list where it is in or not fits.

        Examples
        --------
        >>> Kept("k", 2, ids=("a",)).with_one("b", at=0).ids, Kept("k", 1, ids=("a",)).is_full("b")
        (('b', 'a'), True)
        """
        if one in self.ids or self.is_full(one) or not well_formed([one]):
            return self
        place = len(self.ids) if at is None else min(at, len(self.ids))
        return replace(self, ids=(*self.ids[:place], one, *self.ids[place:]))

    def without(self, one: str) -> Kept:
        """Take an id away."""
        return replace(self, ids=tuple(each for each in self.ids if each != one))

    def is_full(self, one: str) -> bool:
        """Tell whether there is no room for another id."""
        longer = replace(self, ids=(*self.ids, one))
        return one not in self.ids and (len(self.ids) >= self.most or len(longer.text) > _LONGEST)

    def _cut(self) -> Kept:
        return replace(self, ids=self.ids[: self.most])


LISTS: Mapping[Name, Kept] = {
    "favourites": Kept("geomap_favourites", 60, _YEAR_S),
    "compare": Kept("geomap_compare", 4),
}


def well_formed(ids: Iterable[str]) -> Ids:
    """Leave out what no id of a facility can be, and what came before."""
    return tuple(
        dict.fromkeys(each for each in ids if 0 < len(each) <= _LONGEST_ID and each.isprintable())
    )


def kept(name: Name) -> Kept:
    """Give a list of this request's browser."""
    if not has_request_context():
        return LISTS[name]
    held: dict[Name, Kept] = g.setdefault("kept", {})
    if name not in held:
        held[name] = LISTS[name].read(request.cookies.get(LISTS[name].cookie))
    return held[name]


def compare_href(address: str | None = None) -> str:
    """Give the address of the comparison; it counts distances from the place of a page of ours."""
    asked = own_arguments() if address is None else parse_qs(urlsplit(address).query)
    place = {name: asked[name][0] for name in PLACE if asked.get(name)}
    return page_url("comparing.compare", **place)


@keeping.get("/kept")
def lists() -> Response:
    """Say what this browser keeps: for pages that it shows again from its memory."""
    return _private(jsonify({name: list(kept(name).ids) for name in LISTS}))


@keeping.post("/kept")
def change() -> Response:
    """Add or take away one home, and go back to the page one came from."""
    form = request.form
    target = own_address(form.get("next")) or page_url("pages.finder")
    name = _list_named(form.get("list"))
    if name is None or sent_from_elsewhere():
        return see_other(target)
    before, one = kept(name), form.get("add") or form.get("remove") or ""
    after = before.with_one(one, at=_at(form.get("at"))) if "add" in form else before.without(one)
    refused = "add" in form and before.is_full(one)
    g.kept[name] = after
    if request.accept_mimetypes.best == "application/json":
        answer = _said(name, one, before=before, target=target, refused=refused)
    else:
        answer = see_other(_full(name, one, target) if refused else target)
    return _remember(answer, after)


def _said(name: Name, one: str, *, before: Kept, target: str, refused: bool) -> Response:
    """Answer a script: how many are kept now, and the form with what it says now."""
    title = name_of(one, snapshot())
    gone = one in before.ids and one not in kept(name).ids
    form = get_template_attribute("kept_parts.html", "keep")(
        name, one, title, target, at=before.ids.index(one) if gone else None, refused=refused
    )
    counts = {each: len(kept(each).ids) for each in LISTS}
    return _private(jsonify({"counts": counts, "form": str(form)}))


def _full(name: Name, one: str, target: str) -> str:
    """Lead to the page that says that there is no room for a home."""
    if name == "favourites":
        return page_url("favourites.show", full=one)
    place = {each: values[0] for each, values in parse_qs(urlsplit(target).query).items()}
    asked = {each: place[each] for each in PLACE if each in place}
    return page_url("comparing.compare", ids=list(kept(name).ids), full=one, **asked)


def _remember(response: Response, now: Kept) -> Response:
    """Keep a list in its cookie; an empty one is taken back."""
    options = {"samesite": "Lax", "httponly": True, "path": request.script_root or "/"}
    if now.ids:
        response.set_cookie(
            now.cookie,
            now.text,
            max_age=now.lasts_s,
            secure=request.is_secure,
            **options,  # type: ignore[arg-type]  # of mixed kinds
        )
    else:
        response.delete_cookie(now.cookie, **options)  # type: ignore[arg-type]  # of mixed kinds
    return response


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.vary.update(["Accept-Language", "Cookie"])
    return response


def _list_named(text: str | None) -> Name | None:
    return cast("Name", text) if text in LISTS else None


def _at(text: str | None) -> int | None:
    """Read where in a list a home stood."""
    try:
        return None if text is None else whole(text, minimum=0, maximum=LISTS["favourites"].most)
    except ValueError:
        return None


def offer_keeping(app: Flask) -> None:
    """Give every template what the reader keeps."""
    app.register_blueprint(keeping)
    app.jinja_env.globals.update(
        compare_href=compare_href,
        is_kept=lambda name, one: one in kept(name).ids,
        kept_count=lambda name: len(kept(name).ids),
        kept_most={name: each.most for name, each in LISTS.items()},
    )


def name_of(one: str, data: Snapshot) -> str:
    """Give a home's name, or its id where it is gone."""
    row = data.rows_by_id.get(one)
    return one if row is None else str(data.facilities["name"].iloc[row])


def read_ids(texts: Sequence[str], known: Mapping[str, int]) -> Ids:
    """Read ids of an address: separated by commas, or repeated where one holds a comma.

    Examples
    --------
    >>> read_ids(["a,b", "c,d", "a"], {"a": 0, "c,d": 1})
    ('a', 'b', 'c,d')
    """
    named = [one for text in texts for one in ([text] if text in known else text.split(",")) if one]
    return well_formed(each.strip() for each in named)


def written_ids(ids: Sequence[str]) -> str | list[str]:
    """Write ids for an address, as :func:`read_ids` reads them."""
    return list(ids) if any("," in each for each in ids) else ",".join(ids)
