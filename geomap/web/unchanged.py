"""Answers that are the same for all, and are not made again for who has them already."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from flask import Response, request

if TYPE_CHECKING:
    from collections.abc import Callable

_ROOM: Final = Path(__file__).parents[1]
#: What an answer is written by: code, templates and texts.
_WRITERS: Final = frozenset((".py", ".html", ".mo"))
_LENGTH: Final = 20


def known_or_made(
    key: str, make: Callable[[], Response], *, max_age_s: int | None = None
) -> Response:
    """Answer what changes with `key` only; made if the reader does not hold it already.

    Parameters
    ----------
    key : everything that the answer depends on, but the software.
    make : gives the answer.
    max_age_s : seconds for which anybody may keep it unasked; where None they ask each time.
    """
    tag = tag_of(key)
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


def tag_of(key: str) -> str:
    """Name the answer that this software gives to a question.

    Another version of geomap may say the same in another way: who kept its answer must not go
    on with it. So whatever is not named by its own content is named here.

    Parameters
    ----------
    key : everything that the answer depends on, but the software.
    """
    return hashlib.sha256(f"{software()} {key}".encode()).hexdigest()[:_LENGTH]


@cache
def software() -> str:
    """Name this software by its content: the same on all machines that run it.

    The version's number will not do: it stays the same between two releases.
    """
    digest = hashlib.sha256()
    for each in sorted(_ROOM.rglob("*")):
        if each.suffix in _WRITERS:
            digest.update(each.relative_to(_ROOM).as_posix().encode())
            digest.update(each.read_bytes())
    return digest.hexdigest()[:_LENGTH]
