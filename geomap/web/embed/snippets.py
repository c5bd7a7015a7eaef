"""The three ways to put an embed into another page: a frame, our element, a link."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template

from geomap.web.addresses import plain_address, public_address

#: The size of a frame where nobody states one; the least that the embed is made for.
WIDTH_PX, HEIGHT_PX = 800, 600
LEAST_PX, MOST_PX = 320, 4_000


@dataclass(frozen=True)
class Snippets:
    """What a portal copies.

    Attributes
    ----------
    frame : an ``<iframe>`` of a fixed height.
    element : a script and ``<geomap-embed>``, which sizes itself.
    link : the address alone.
    """

    frame: str
    element: str
    link: str


def snippets_of(title: str, parameters: dict[str, object], *, height_px: int) -> Snippets:
    """Write the ways to put an embed into a page."""
    link = public_address("embed_pages.show", **parameters)
    script = plain_address("embed_pages.element")
    frame, element = (
        render_template(f"embed_{kind}.html", link=link, script=script, title=title,
                        width="100%", height=height_px).strip()
        for kind in ("frame", "element")
    )  # fmt: skip
    return Snippets(frame, element, link)
