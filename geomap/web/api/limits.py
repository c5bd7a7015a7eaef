"""How often programs may ask: by address, or by key; off unless the operator sets a limit."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from flask import current_app, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from geomap.data.api_keys import hash_of, keys_file, read_keys

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flask import Flask, Response
    from flask_limiter import Limiter

    from geomap.data.api_keys import ApiKey
    from geomap.settings import Settings

_COUNTED: Final = ("/api/", "/ogc/")
_KEYS: Final = "geomap_api_keys"
_MINUTE_S: Final = 60
_TOO_MANY: Final = 429


@dataclass(eq=False)
class Keys:
    """The keys of a workspace, read again when their file changes.

    Parameters
    ----------
    workspace : where they are; None where there is no workspace, and no keys.
    """

    workspace: Path | None
    _stamp: tuple[int, int] | None = None
    _by_hash: Mapping[str, ApiKey] = field(default_factory=dict)

    def find(self, key: str) -> ApiKey | None:
        """Find whose key it is; None where it is nobody's.

        Raises
        ------
        DataError : if the file is damaged.
        """
        if self.workspace is None:
            return None
        try:
            about = keys_file(self.workspace).stat()
            stamp = about.st_mtime_ns, about.st_ino
        except FileNotFoundError:
            return None
        if stamp != self._stamp:
            self._by_hash = {each.hash: each for each in read_keys(self.workspace)}
            self._stamp = stamp
        return self._by_hash.get(hash_of(key))


def limit_questions(app: Flask, folder: Path | None, settings: Settings) -> None:
    """Check keys, and count questions where the operator set a limit."""
    app.extensions[_KEYS] = Keys(folder)
    app.before_request(_recognise)
    if not settings.rate_limit_per_minute:
        return
    from flask_limiter import Limiter

    limiter = Limiter(
        _who,
        app=app,
        application_limits=[lambda: f"{_allowed(settings)} per minute"],
        storage_uri=settings.rate_limit_storage,
        strategy="moving-window",
        swallow_errors=True,  # a store that is down stops nobody; the fault is logged
    )
    limiter.request_filter(_is_free)

    @app.after_request
    def tell(response: Response) -> Response:
        return _told(response, limiter)


def _recognise() -> None:
    """Find out whose key was sent.

    Raises
    ------
    Unauthorized : if it is nobody's.
    """
    g.geomap_key = None
    sent = _sent_key()
    if sent is None or not request.path.startswith(_COUNTED):
        return
    keys: Keys = current_app.extensions[_KEYS]
    g.geomap_key = keys.find(sent)
    if g.geomap_key is None:
        raise Unauthorized(
            "there is no such key; without a key anybody may ask, only less often",
            www_authenticate=WWWAuthenticate("bearer"),
        )


def _sent_key() -> str | None:
    """Give the key of the request, however it was sent."""
    own = request.headers.get("X-API-Key")
    if own is not None:
        return own
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def _who() -> str:
    """Name who is counted: the owner of a key, else the address."""
    return f"key {g.geomap_key.name}" if g.geomap_key else f"address {request.remote_addr}"


def _allowed(settings: Settings) -> int:
    """Tell how many questions a minute are allowed."""
    return g.geomap_key.per_minute if g.geomap_key else settings.rate_limit_per_minute


def _is_free() -> bool:
    """Tell whether a request is not counted: pages, and what a browser asks before it asks."""
    return not request.path.startswith(_COUNTED) or request.method == "OPTIONS"


def _told(response: Response, limiter: Limiter) -> Response:
    """Tell how many questions are left, and when there are more."""
    counted = None if _is_free() else limiter.current_limit
    if counted is None:
        return response
    # The limiter writes the end of the minute in whole seconds, a part of one late.
    seconds = min(_MINUTE_S, max(0, round(counted.reset_at - time.time())))
    response.headers["RateLimit-Limit"] = str(counted.limit.amount)
    response.headers["RateLimit-Remaining"] = str(max(0, counted.remaining))
    response.headers["RateLimit-Reset"] = str(seconds)
    if response.status_code == _TOO_MANY:
        response.headers["Retry-After"] = str(max(1, seconds))
    return response
