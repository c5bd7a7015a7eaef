"""Our own addresses in full, for those who follow them from paper or from another program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from flask import current_app, request, url_for

from geomap.web.language import page_url

if TYPE_CHECKING:
    from flask import Flask, Response

    from geomap.settings import Settings


def public_address(endpoint: str, **values: object) -> str:
    """Give the full address of a page: below the operator's `public_url`, else the request's host.

    Nothing of the present address goes with it but the language that the reader chose.
    """
    return _full(page_url(endpoint, **values))


def plain_address(endpoint: str, **values: Any) -> str:  # noqa: ANN401 (of an address)
    """Give the full address of what is the same in all languages: it names none."""
    return _full(url_for(endpoint, **values))


def here_address() -> str:
    """Give the full address that was asked for, with its parameters."""
    return site_address() + request.url.removeprefix(request.root_url.rstrip("/"))


def local_address(address: str) -> str:
    """Give a full address of ours as pages write it: without what the reader's browser knows."""
    return request.script_root + address.removeprefix(site_address())


def site_address() -> str:
    """Give what stands before every path of the site: its `public_url`, else where it was asked."""
    settings = cast("Settings", current_app.extensions["geomap_settings"])
    return (settings.public_url or request.root_url).rstrip("/")


def redirect_below_site(app: Flask) -> None:
    """Let redirects name the public address too: the router writes the request's host into some."""

    @app.after_request
    def name_site(response: Response) -> Response:
        here = request.root_url.rstrip("/")
        leads = response.status_code // 100 == 3  # noqa: PLR2004 (a job's answer names a place too)
        if leads and response.location and response.location.startswith(f"{here}/"):
            response.location = site_address() + response.location.removeprefix(here)
            response.set_data(b"")  # it would name the host once more
        return response


def _full(path: str) -> str:
    """Put the site before a path; what a proxy says stands before it is part of the site."""
    return site_address() + path.removeprefix(request.script_root)
