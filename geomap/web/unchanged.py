"""Answers that are the same for all, and are not made again for who has them already."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, cast

from flask import Response, request

if TYPE_CHECKING:
    from collections.abc import Callable


def known_or_made(
    key: str, make: Callable[[], Response], *, max_age_s: int | None = None
) -> Response:
    """Answer what changes with `key` only; made if the reader does not hold it already.

    Parameters
    ----------
    key : everything that the answer depends on.
    make : gives the answer.
    max_age_s : seconds for which anybody may keep it unasked; where None they ask each time.
    """
    tag = hashlib.sha256(key.encode()).hexdigest()[:16]
    # After a colon stands the encoding in which the answer was sent.
    held = {each.partition(":")[0] for each in request.if_none_match.as_set()}
    response = Response(status=304) if tag in held else make()
    return validated(response, tag, max_age_s=max_age_s)


def validated(response: Response, tag: str, *, max_age_s: int | None = None) -> Response:
    """Name an answer by its state, and let anybody keep it; see :func:`known_or_made`."""
    response.set_etag(tag)
    response.cache_control.public = True
    if max_age_s is None:
        response.cache_control.no_cache = True
    else:
        response.cache_control.max_age = max_age_s
    return cast("Response", response.make_conditional(request))
