"""How often programs may ask: by address, or by key; off unless the operator sets a limit."""

from __future__ import annotations

import ipaddress
import logging
import time
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from flask import current_app, g, request
from flask.logging import default_handler
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import TooManyRequests, Unauthorized

from geomap.data.api_keys import hash_of, keys_file, read_keys
from geomap.errors import ParameterError
from geomap.web.problems import Problem, answer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flask import Flask, Response
    from flask_limiter import Limiter

    from geomap.data.api_keys import ApiKey
    from geomap.settings import Settings

_COUNTED: Final = ("/api/", "/ogc")
_KEYS: Final = "geomap_api_keys"
#: So long a store of another machine may take: counting must not slow answers down.
_PATIENCE_S: Final = 0.5
#: A reader has at least so many of the new addresses, which count as one.
_OF_ONE_READER: Final = 64
_MINUTE_S: Final = 60
_log = logging.getLogger(__name__)


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
    limiter = _limiter(app, settings)
    limiter.request_filter(_is_free)
    app.register_error_handler(TooManyRequests, partial(_refused, limiter, settings))

    @app.after_request
    def tell(response: Response) -> Response:
        return _told(response, limiter)


def _limiter(app: Flask, settings: Settings) -> Limiter:
    """Make what counts: where the operator said; while that is down, in each worker by itself.

    Raises
    ------
    ParameterError : if the package that speaks to the store is not installed.
    """
    from flask_limiter import Limiter
    from limits.errors import ConfigurationError

    from geomap.web.api import shared_counts  # noqa: F401 (makes shared:// known)

    where = settings.rate_limit_storage
    remote = where.startswith("redis")
    told = logging.getLogger("flask-limiter")  # which would say nothing of a store that is down
    told.addHandler(default_handler)
    told.setLevel(logging.INFO)
    told.addFilter(_names_nobody)
    try:
        return Limiter(
            _who,
            app=app,
            application_limits=[lambda: f"{_allowed(settings)} per minute"],
            storage_uri=where,
            storage_options=_patience() if remote else {},
            strategy="moving-window",
            in_memory_fallback_enabled=remote,
            swallow_errors=True,  # counting that fails stops nobody; the fault is logged
        )
    except (ConfigurationError, ImportError) as error:
        kind = where.partition(":")[0]  # no password in what is told
        raise ParameterError(
            f"the setting rate_limit_storage names {kind}, which needs a package that is not"
            " installed: pip install 'geomap[redis]'",
            zh=f"设置项 rate_limit_storage 用到 {kind}，所需的包还没有安装："
            "pip install 'geomap[redis]'",
        ) from error


def _names_nobody(record: logging.LogRecord) -> bool:
    """Tell whether a line may be logged: those on refused questions name the reader's address."""
    return not str(record.msg).startswith("ratelimit ")


def _patience() -> dict[str, Any]:
    """Ask a store once, and not for long."""
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    limits = dict.fromkeys(("socket_timeout", "socket_connect_timeout"), _PATIENCE_S)
    return {**limits, "retry": Retry(NoBackoff(), 0), "wrap_exceptions": True}


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
    if g.geomap_key:
        return f"key {g.geomap_key.name}"
    return f"address {_counted_address(request.remote_addr or '')}"


def _counted_address(address: str) -> str:
    """Give the address that is counted; of IPv6 the network of one reader.

    A socket for both kinds writes the older ones within the newer: each of them is a reader.

    Examples
    --------
    >>> _counted_address("192.0.2.7"), _counted_address("2001:db8:1:2:3:4:5:6")
    ('192.0.2.7', '2001:db8:1:2::')
    >>> _counted_address("::ffff:192.0.2.7")
    '192.0.2.7'
    """
    try:
        read = ipaddress.ip_address(address)
    except ValueError:  # of a socket that is a file
        return address
    if isinstance(read, ipaddress.IPv4Address):
        return address
    if read.ipv4_mapped:
        return str(read.ipv4_mapped)
    network = ipaddress.ip_network((read.packed, _OF_ONE_READER), strict=False)
    return str(network.network_address)


def _allowed(settings: Settings) -> int:
    """Tell how many questions a minute are allowed."""
    return g.geomap_key.per_minute if g.geomap_key else settings.rate_limit_per_minute


def _is_free() -> bool:
    """Tell whether a request is not counted: pages, and what a browser asks before it asks."""
    return not request.path.startswith(_COUNTED) or request.method == "OPTIONS"


def _refused(limiter: Limiter, settings: Settings, _: TooManyRequests) -> Response:
    """Answer who asks too often: how often is allowed, and when to ask again."""
    known = _left(limiter)
    seconds = _MINUTE_S if known is None else max(1, known[1])
    own, more = "", ", or with a key, which allows more"
    if g.geomap_key:
        own, more = " with this key", ""
    often = f"{_allowed(settings)} questions a minute are allowed{own}"
    detail = f"{often}: ask again in {seconds} seconds{more}"
    status = HTTPStatus.TOO_MANY_REQUESTS
    told = Problem(status, status.phrase, detail)
    return answer(told, {"Retry-After": str(seconds)})


def _told(response: Response, limiter: Limiter) -> Response:
    """Tell how many questions are left, and when there are more."""
    counted = None if _is_free() else limiter.current_limit
    known = None if counted is None else _left(limiter)
    if counted is None or known is None:
        return response
    response.headers["RateLimit-Limit"] = str(counted.limit.amount)
    response.headers["RateLimit-Remaining"] = str(known[0])
    response.headers["RateLimit-Reset"] = str(known[1])
    return response


def _left(limiter: Limiter) -> tuple[int, int] | None:
    """Give how many questions are left, and the seconds until there are more; None: not known."""
    from limits.errors import StorageError

    counted = limiter.current_limit
    if counted is None:
        return None
    try:
        until, left = counted.window
    except StorageError as error:  # the store went down since the question was counted
        _log.warning("how many questions are left is not known: %s", error)
        return None
    return max(0, left), max(0, ceil(until - time.time()))
