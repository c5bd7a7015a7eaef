"""Our own addresses in full, for those who follow them from paper or from another page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from flask import current_app, request, url_for

from geomap.web.language import page_url

if TYPE_CHECKING:
    from geomap.settings import Settings


def public_address(endpoint: str, **values: object) -> str:
    """Give the full address of a page: below the operator's `public_url`, else the request's host.

    Nothing of the present address goes with it but the language that the reader chose.
    """
    return site_address() + page_url(endpoint, **values)


def plain_address(endpoint: str, **values: Any) -> str:  # noqa: ANN401 (of an address)
    """Give the full address of what is the same in all languages: it names none."""
    return site_address() + url_for(endpoint, **values)


def site_address() -> str:
    """Give what stands before every path of the site: its `public_url`, else the request's host."""
    settings = cast("Settings", current_app.extensions["geomap_settings"])
    return (settings.public_url or request.host_url).rstrip("/")
