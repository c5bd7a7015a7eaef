"""Addresses of our own scripts, styles and pictures, versioned by their content."""

from __future__ import annotations

import hashlib
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response, request, url_for

from geomap.settings import static_dir

if TYPE_CHECKING:
    from pathlib import Path

_YEAR_S = 31_536_000


def asset(name: str) -> str:
    """Give the address of a static file with its content hash, so that it may be kept for a year.

    Parameters
    ----------
    name : path below the static folder, such as ``css/base.css``.

    Returns
    -------
    The address; without a version where the file is missing, so that the page stands without it.
    """
    path = static_dir() / name
    version = _content_hash(path, path.stat().st_mtime_ns) if path.is_file() else None
    return url_for("static", filename=name, v=version)


def keep_versioned(response: Response) -> Response:
    """Let browsers keep a versioned static file for a year; the rest is asked for again."""
    if (
        request.endpoint == "static"
        and request.args.get("v")
        and response.status_code < HTTPStatus.BAD_REQUEST
    ):
        response.cache_control.max_age = _YEAR_S
        response.cache_control.public = True
        response.cache_control.no_cache = None
        response.cache_control.immutable = True
    return response


@cache
def _content_hash(path: Path, modified_ns: int) -> str:  # noqa: ARG001 (the time renews the cache)
    """Eight characters of the file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]
