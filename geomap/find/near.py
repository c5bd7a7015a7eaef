"""Names that are almost what was typed: one character wrong, missing, too much, or two swapped."""

from __future__ import annotations

from itertools import compress, pairwise
from typing import TYPE_CHECKING

from geomap.find.filling import SAID, SOUNDS
from geomap.find.syllables import APART, BEGIN, END, chains_of, cuts_from, readings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geomap.find.index import NameIndex
    from geomap.find.lookup import Asked

_CANDIDATES = 200
#: The rarest pairs tell most; those that half of all names have only cost time.
_MOST_PAIRS = 6
_MOST_SOUNDS = 12
_SHORTEST, _SHORTEST_INSIDE = 3, 2
_FEWEST_LETTERS = 5


def near_rows(names: NameIndex, asked: Asked, *, inside: Sequence[str] = ()) -> list[int]:
    """Find things with a name, or part of one, that differs from a text by one character.

    Parameters
    ----------
    asked : the text, three characters or more, or five letters of pinyin; within divisions two
        characters may be a whole name.
    inside : the codes of the divisions to look in; everywhere where there are none.

    Returns
    -------
    Rows: names that differ as a whole first, then the more important.
    """
    text, letters = asked.text, asked.letters
    found: dict[int, int] = {}
    if len(text) >= (_SHORTEST_INSIDE if inside else _SHORTEST):
        rare = names.rarest("gram", _pairs(text), _MOST_PAIRS)
        rows = _candidates(names, asked, inside, ("gram", "path"), rare)
        said = zip(names.texts(SAID, rows), names.texts("path", rows), strict=True)
        texts = [[*one[1:-1].split(END + BEGIN), *([path] if path else [])] for one, path in said]
        found = _nearest(text, rows, texts)
    if len(letters) >= _FEWEST_LETTERS:
        rare = names.rarest("sound", _sounds(letters), _MOST_SOUNDS)
        rows = _candidates(names, asked, inside, ("sound", "above"), rare)
        sounds = [readings_of(each) + chains_of(each) for each in names.texts(SOUNDS, rows)]
        spelt = [["".join(reading) for reading in each] for each in sounds]
        found = _nearest(letters, rows, spelt) | found
    return sorted(found, key=lambda row: (found[row], row))[: asked.limit]


def _candidates(
    names: NameIndex,
    asked: Asked,
    inside: Sequence[str],
    fields: Sequence[str],
    pairs: Iterable[str],
) -> list[int]:
    """Give the rows that hold the most, and the rarest, of some pairs."""
    held = names.ask.any_of(names.ask.term(field, each) for each in pairs for field in fields)
    query = names.ask.all_of([held, names.ask.terms("code", inside)]) if inside else held
    return names.likely(query, _CANDIDATES, kind=asked.kind)


def _likely_parts(text: str, name: str) -> list[str]:
    """Give the parts of a name that may differ from a text by one character.

    One change leaves the first or the second half as it is, but for a swap across the middle.

    Examples
    --------
    >>> _likely_parts("福力院", "静安福利院"), _likely_parts("利福院", "静安福利院")
    (['福利院', '福利', '福利院'], ['福利院', '利院', '利院', '利院'])
    """
    length, middle = len(text), len(text) // 2
    first, second = text[:middle], text[middle:]
    swapped = text[: middle - 1] + text[middle] + text[middle - 1] + text[middle + 1 :]
    sizes = (length, length - 1, length + 1)
    parts = [swapped] if swapped in name else []
    if first in name:
        parts += [name[at : at + size] for at in _places(name, first) for size in sizes]
    if second in name:
        ends = [at + len(second) for at in _places(name, second)]
        parts += [name[max(0, end - size) : end] for end in ends for size in sizes]
    return parts


def _nearest(text: str, rows: Sequence[int], names: Sequence[Sequence[str]]) -> dict[int, int]:
    """Tell how near the names of things are: 0 as a whole, 1 in part; only those that are near."""
    mixed = sum(not each.isascii() for each in text) <= 1  # else no English name can be near
    pairs = [
        (row, each)
        for row, some in zip(rows, names, strict=True)
        for each in some
        if mixed or not each.isascii()
    ]
    owners, texts = [row for row, _ in pairs], [each for _, each in pairs]
    almost = _almost_alike(text, texts)
    found = dict.fromkeys(compress(owners, almost), 0)
    longer = [
        (row, part)
        for row, each in zip(owners, texts, strict=True)
        if row not in found and len(each) >= len(text) >= _SHORTEST
        for part in _likely_parts(text, each)
    ]
    held = _almost_alike(text, [part for _, part in longer])
    return dict.fromkeys((row for row, _ in compress(longer, held)), 1) | found


def _almost_alike(text: str, others: Sequence[str]) -> list[bool]:
    """Mark the texts that differ from a text by one character at most."""
    import numpy as np
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cdist

    if not others:
        return []
    apart = cdist([text], others, scorer=OSA.distance, score_cutoff=1, dtype=np.uint16)[0]
    return [each <= 1 for each in apart.tolist()]


def _places(name: str, part: str) -> list[int]:
    """Find every place of a part in a name."""
    places = []
    start = name.find(part)
    while start >= 0:
        places.append(start)
        start = name.find(part, start + 1)
    return places


def _pairs(text: str) -> Iterable[str]:
    """Give the pairs of characters of a whole name."""
    return dict.fromkeys([a + b for a, b in pairwise(f"{BEGIN}{text}{END}")])


def _sounds(letters: str) -> Iterable[str]:
    """Give the pairs of syllables before and after each place where a letter may be wrong."""
    from_each = cuts_from(letters)
    ends = range(len(letters) - 1, 0, -1)
    # A wrong last letter leaves no way to cut all of them: then as many as can be cut.
    shorter = (cut for end in ends if (cut := cuts_from(letters[:end])[0]))
    longest = from_each[0] or next(shorter, ())
    found = [BEGIN + each for each in longest[:1]]
    for cut in [longest, *from_each]:
        found += [one + APART + two for one, two in pairwise(cut)]
    return dict.fromkeys(found)
