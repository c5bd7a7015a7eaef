"""What a browser may do with our pages: one policy, set on every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from flask import request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Flask, Response

_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
#: What scripts of other sites may read: nothing in it depends on who asks.
PUBLIC: Final = (
    *("/api/", "/ogc", "/openapi.json", "/tiles/", "/oembed", "/open-data/"),
    *("/embed.js", "/picture.png", "/qr."),
)
#: What their pages may show besides: what an embed is made of.
_SHOWN: Final = ("/static/", "/favicon.ico")
_PICTURE: Final = "/picture.png"
#: A browser that came by https comes by https for a year.
_BY_HTTPS: Final = "max-age=31536000"


def content_policy(*, image_hosts: Iterable[str] = (), ancestors: Iterable[str] = ()) -> str:
    """Write the content security policy.

    Parameters
    ----------
    image_hosts : origins of street tiles that the operator switched on.
    ancestors : origins that may frame the page, besides the site itself.

    Examples
    --------
    >>> "unsafe" in content_policy()
    False
    >>> content_policy(image_hosts=["https://t0.tianditu.gov.cn"]).split("; ")[3]
    "img-src 'self' https://t0.tianditu.gov.cn"
    """
    rules = {
        "default-src": ("'none'",),
        "script-src": ("'self'",),
        "style-src": ("'self'",),
        "img-src": ("'self'", *image_hosts),
        "connect-src": ("'self'",),
        "frame-src": ("'self'",),
        "worker-src": ("'none'",),
        "object-src": ("'none'",),
        "base-uri": ("'none'",),
        "form-action": ("'self'",),
        "frame-ancestors": ("'self'", *ancestors),
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items())


def secure(app: Flask, *, image_hosts: Iterable[str] = ()) -> None:
    """Set the policy and the usual headers on every answer; a view may state its own.

    Frames are governed by ``frame-ancestors`` alone: ``X-Frame-Options`` can name no portals.
    """
    policy = content_policy(image_hosts=image_hosts)

    @app.after_request
    def set_headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        shared = request.path.startswith((*PUBLIC, *_SHOWN)) or request.path.endswith(_PICTURE)
        own = "cross-origin" if shared else "same-origin"
        response.headers.setdefault("Cross-Origin-Resource-Policy", own)
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", _BY_HTTPS)
        return response


def sent_from_elsewhere() -> bool:
    """Tell whether another site's page sent this; browsers say so in one header or the other."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host
