"""Which part of a shown name a query matched, to be marked for the reader."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from geomap.find.lookup import letters_of
from geomap.find.syllables import held_by_initials, held_by_sound
from geomap.model.text import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: First position and the one behind the last, in characters of the name as it is shown.
Span = tuple[int, int]
_SHORTEST_END = 2


def marks(
    name: str, words: Sequence[str], *, compared: str, reading: Sequence[str]
) -> tuple[Span, ...]:
    """Find the parts of a name that a query matched.

    Parameters
    ----------
    name : as it is shown.
    words : the query's, as they are compared.
    compared : the name as it is compared.
    reading : the syllable of each character of `compared`.

    Returns
    -------
    Parts in order, apart from one another; none where what matched is not in the shown name.

    Examples
    --------
    >>> marks("臺北市（中心）", ["北市中"], compared="台北市中心", reading=["tai"] * 5)
    ((1, 5),)
    >>> said = ["zheng", "zhou", "shi"]
    >>> marks("郑州市", ["zhengzh"], compared="郑州市", reading=said)
    ((0, 2),)
    >>> marks("郑州市", ["zzs"], compared="郑州市", reading=said)
    ((0, 3),)
    """
    where = [at for at, each in enumerate(name) for _ in _compared(each)]
    if len(where) != len(compared):
        return ()
    found = _found("".join(words), compared, reading)
    held = [found] if found else [_found(word, compared, reading) for word in words]
    if not any(held):
        held = [_ending("".join(words), compared, reading)]
    return _merged((where[span[0]], where[span[1] - 1] + 1) for span in held if span)


def _found(text: str, compared: str, reading: Sequence[str]) -> Span | None:
    """Find a text in a name, as it is written or as it sounds."""
    at = compared.find(text)
    if at >= 0:
        return at, at + len(text)
    letters = letters_of(text)
    if len(letters) <= 1 or len(reading) != len(compared):
        return None
    heard = held_by_sound(reading, letters)
    return heard[:2] if heard else held_by_initials(reading, letters)


def _ending(text: str, compared: str, reading: Sequence[str]) -> Span | None:
    """Find the longest end of a text: what stands before it may name the divisions around."""
    ends = [text[at:] for at in range(1, len(text) - _SHORTEST_END + 1)]
    return next((span for end in ends if (span := _found(end, compared, reading))), None)


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Join parts that touch."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


@lru_cache(maxsize=8_192)
def _compared(character: str) -> str:
    """Write one character as it is compared."""
    return normalise(character)
