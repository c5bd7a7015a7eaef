"""The pages of the site for search engines, by the protocol of sitemaps.org."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast
from urllib.parse import quote
from xml.sax.saxutils import escape

import numpy as np
from apiflask import APIBlueprint
from flask import Response, request

from geomap.errors import NotFoundError
from geomap.web.addresses import plain_address, site_address
from geomap.web.pages import current_reader
from geomap.web.state import snapshot
from geomap.web.unchanged import known_or_made

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date

    from numpy.typing import NDArray

    from geomap.web.state import Snapshot

    Days = NDArray[np.datetime64]

sitemaps = APIBlueprint("sitemaps", __name__, enable_openapi=False)

#: The protocol's most in one file; a file of so many is some 6 MB, of the 50 MB that it allows.
MOST_ADDRESSES: Final = 50_000
_PAGES: Final = (
    "pages.finder",
    "pages.about",
    "open_data.show",
    "plan_pages.plan",
    "accessibility.statement",
)
#: Days on which what a facility's page says was found to be so.
_DAYS: Final = ("verified_on", "beds_updated", "inspected_on", "rectified_on")
_NAMESPACE: Final = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_ID: Final = "~id~"


@sitemaps.get("/sitemap.xml")
def index() -> Response:
    """List the files that list the pages."""
    data, today = snapshot(), current_reader().today

    def answer() -> Iterator[str]:
        first = len(_PAGES)
        days = np.concatenate([np.full(first, "NaT", "datetime64[D]"), _days(data, today)])
        for number, start in enumerate(range(0, len(days), MOST_ADDRESSES), 1):
            address = plain_address("sitemaps.part", number=number)
            yield _entry("sitemap", address, _last(days[start : start + MOST_ADDRESSES]))

    return _xml("sitemapindex", answer, data, today)


@sitemaps.get("/sitemaps/<int:number>.xml")
def part(number: int) -> Response:
    """List up to 50,000 pages: those of the site first, then the facilities."""
    data, today = snapshot(), current_reader().today
    every = len(_PAGES) + len(data.facilities)
    if not 1 <= number <= -(-every // MOST_ADDRESSES):
        raise NotFoundError(f"there is no part {number} of the sitemap")
    end = number * MOST_ADDRESSES - len(_PAGES)
    start = max(0, end - MOST_ADDRESSES)

    def answer() -> Iterator[str]:
        if number == 1:
            yield from (_entry("url", plain_address(each), None) for each in _PAGES)
        before, after = plain_address("pages.facility", facility_id=_ID).split(_ID)
        ids = data.facilities["id"].iloc[start:end].tolist()
        days = _days(data, today)[start:end].tolist()
        for each, day in zip(ids, days, strict=True):
            yield _entry("url", f"{before}{quote(each, safe='')}{after}", day)

    return _xml("urlset", answer, data, today)


def _days(data: Snapshot, today: date) -> Days:
    """Give the (n,) last days on which something of a facility was checked; none in the future."""
    latest: Days = np.full(len(data.facilities), "NaT", "datetime64[D]")
    for name in _DAYS:
        days = data.facilities[name].to_numpy().astype("datetime64[D]")
        latest = np.fmax(latest, np.where(days <= np.datetime64(today), days, np.datetime64("NaT")))
    return latest


def _last(days: Days) -> date | None:
    known = days[~np.isnat(days)]
    return cast("date", known.max().item()) if known.size else None


def _entry(name: str, address: str, day: date | None) -> str:
    changed = f"<lastmod>{day.isoformat()}</lastmod>" if day else ""
    return f"<{name}><loc>{escape(address)}</loc>{changed}</{name}>\n"


def _xml(root: str, answer: Callable[[], Iterable[str]], data: Snapshot, today: date) -> Response:
    """Answer a list; a reader that has the same one keeps it."""

    def made() -> Response:
        body = f"{_HEAD}<{root} {_NAMESPACE}>\n{''.join(answer())}</{root}>\n"
        return Response(body, content_type="application/xml; charset=utf-8")

    return known_or_made(f"{data.revision} {today} {site_address()} {request.path}", made)
