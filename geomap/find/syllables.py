"""Typed letters as pinyin: the ways to cut them into syllables, and where a reading holds them."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Between the syllables of a stored reading, and around each reading.
APART, BEGIN, END = "'", "^", "$"
#: Before the readings of a division with those above it.
ABOVE = "|"
#: Readings of so few syllables are also found as a whole: many longer ones have the same pairs.
MOST_WHOLE = 3
_LONGEST = 6
_MOST_CUTS = 32
_MOST_LETTERS = 30
# Standard Mandarin, ü written u; what only interjections have is left out.
_TABLE = """
: a ai an ang ao e ei en eng er o ou
b: a ai an ang ao ei en eng i ian iao ie in ing o u
p: a ai an ang ao ei en eng i ian iao ie in ing o ou u
m: a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u
f: a an ang ei en eng o ou u
d: a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo
t: a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo
n: a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan ue un uo
l: a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan ue un uo
g: a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo
k: a ai an ang ao e en eng ong ou u ua uai uan uang ui un uo
h: a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo
j: i ia ian iang iao ie in ing iong iu u uan ue un
q: i ia ian iang iao ie in ing iong iu u uan ue un
x: i ia ian iang iao ie in ing iong iu u uan ue un
zh: a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo
ch: a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo
sh: a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo
r: an ang ao e en eng i ong ou u ua uan ui un uo
z: a ai an ang ao e ei en eng i ong ou u uan ui un uo
c: a ai an ang ao e en eng i ong ou u uan ui un uo
s: a ai an ang ao e en eng i ong ou u uan ui un uo
y: a an ang ao e i in ing o ong ou u uan ue un
w: a ai an ang ei en eng o u
"""
SYLLABLES = frozenset(
    initial + final
    for initial, _, finals in (line.partition(":") for line in _TABLE.strip().splitlines())
    for final in finals.split()
) | frozenset("0123456789")


@lru_cache(maxsize=4_096)  # what people type has no end
def completed(start: str) -> tuple[str, ...]:
    """Give the syllables that begin with some letters, in order.

    Examples
    --------
    >>> completed("zhuan"), completed("v")
    (('zhuan', 'zhuang'), ())
    """
    return tuple(sorted(each for each in SYLLABLES if each.startswith(start)))


def cuts(letters: str) -> list[tuple[str, ...]]:
    """Cut letters into syllables; the last one may be begun only.

    Returns
    -------
    At most 32 ways, long syllables first; none where the letters are no pinyin. Ways with two
    syllables more than another one are left out. Of many letters the first ones are cut: they
    tell enough, and each further syllable could double the ways.

    Examples
    --------
    >>> cuts("xian")
    [('xian',), ('xia', 'n'), ('xi', 'an')]
    >>> cuts("zhengzhouj"), cuts("zzjs")
    ([('zheng', 'zhou', 'j')], [])
    """
    found = list(islice(_cut(letters[:_MOST_LETTERS], 0, ()), _MOST_CUTS))
    most = min(map(len, found), default=0) + 1
    return [each for each in found if len(each) <= most]


def cuts_from(letters: str) -> list[tuple[str, ...]]:
    """Cut letters into syllables from each of them on, the long ones first.

    Every place is cut once, from the end: letters of any number take no more than their time.

    Returns
    -------
    (n,) the syllables from each of the n letters to the end; empty where they are no pinyin.

    Examples
    --------
    >>> cuts_from("vxian")
    [(), ('xian',), (), ('an',), ('n',)]
    """
    found: list[tuple[str, ...]] = [()] * len(letters)
    for start in range(len(letters) - 1, -1, -1):
        rest = letters[start:]
        if len(rest) <= _LONGEST and completed(rest):
            found[start] = (rest,)
            continue
        for size in range(min(_LONGEST, len(rest) - 1), 0, -1):
            if found[start + size] and rest[:size] in SYLLABLES:
                found[start] = (rest[:size], *found[start + size])
                break
    return found


def _cut(letters: str, start: int, before: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Go on cutting where a syllable ended."""
    rest = len(letters) - start
    if rest <= _LONGEST and completed(letters[start:]):
        yield (*before, letters[start:])
    for length in range(min(_LONGEST, rest - 1), 0, -1):
        syllable = letters[start : start + length]
        if syllable in SYLLABLES:
            yield from _cut(letters, start + length, (*before, syllable))


def whole_reading(reading: Sequence[str]) -> str:
    """Write a reading as one word of the index."""
    return BEGIN + APART.join(reading) + END


def readings_of(stored: str) -> list[list[str]]:
    """Give the readings that are stored of one thing's names, as syllables.

    Examples
    --------
    >>> readings_of("^jing'an'qu$^jing'an$|^shang'hai'jing'an$")
    [['jing', 'an', 'qu'], ['jing', 'an']]
    """
    return _split(stored.partition(ABOVE)[0])


def chains_of(stored: str) -> list[list[str]]:
    """Give the readings that are stored of a division with those above it.

    Examples
    --------
    >>> chains_of("^jing'an'qu$|^shang'hai'jing'an$"), chains_of("^tian'jin$")
    ([['shang', 'hai', 'jing', 'an']], [])
    """
    return _split(stored.partition(ABOVE)[2])


def _split(marked: str) -> list[list[str]]:
    return [each.split(APART) for each in marked[1:-1].split(END + BEGIN)] if marked else []


def held_by_sound(syllables: Sequence[str], letters: str) -> tuple[int, int, bool] | None:
    """Find typed pinyin in a reading: it begins with a syllable and may end within one.

    Returns
    -------
    First and last position, the last not included, and whether the last syllable is complete.

    Examples
    --------
    >>> held_by_sound(["zheng", "zhou", "shi"], "zhous"), held_by_sound(["xi", "an"], "an")
    ((1, 3, False), (1, 2, True))
    >>> held_by_sound(["zheng", "zhou"], "engzhou")
    """
    joined = "".join(syllables)
    if letters not in joined:
        return None
    at = 0
    for first in range(len(syllables)):
        if joined.startswith(letters, at):
            last, length = first, 0
            while length < len(letters):
                length += len(syllables[last])
                last += 1
            return first, last, length == len(letters)
        at += len(syllables[first])
    return None


def held_by_initials(syllables: Sequence[str], letters: str) -> tuple[int, int] | None:
    """Find typed initials in a reading.

    Examples
    --------
    >>> held_by_initials(["zheng", "zhou", "jin", "shui"], "js")
    (2, 4)
    """
    first = initials(syllables).find(letters)
    return None if first < 0 else (first, first + len(letters))


def initials(syllables: Sequence[str]) -> str:
    """Give the first letter of each syllable."""
    return "".join([each[0] for each in syllables])
