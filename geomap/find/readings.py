"""How Chinese names are read: the pinyin of each character, without tones.

Dictionaries give a character its most frequent reading in prose, which place names often do not
have: 长垣 is changyuan, 乐清 yueqing, 都 is du and hardly ever dou. So place names are looked up
first, then the phrases of pypinyin, then single characters, those of place names in the way of
place names.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec
from operator import add
from typing import TYPE_CHECKING, Any

from geomap.find.place_readings import CHANCE, CHARACTERS, PLACES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

#: What is read for a character without a reading: signs, kana, rare characters.
UNREAD = "-"
_KEY = 2


def read_all(texts: Iterable[str]) -> Iterator[Sequence[str]]:
    """Read texts, one after the other.

    Parameters
    ----------
    texts : as :func:`geomap.model.text.normalise` writes them.

    Yields
    ------
    One syllable for each character of a text; ü is written u, digits and Latin letters are
    themselves.

    Examples
    --------
    >>> [" ".join(each) for each in read_all(["长垣", "六安3院", "吕梁"])]
    ['chang yuan', 'lu an 3 yuan', 'lu liang']
    """
    characters, phrases = _characters(), _phrases()
    for text in texts:
        syllables = list(map(characters.__getitem__, text))
        starts = [at for at, two in enumerate(map(add, text, text[1:])) if two in phrases]
        if starts:
            _read_phrases(text, starts, syllables)
        yield syllables


def _read_phrases(text: str, starts: Sequence[int], syllables: list[str]) -> None:
    """Correct the syllables of phrases that begin at some places, the longest first."""
    phrases, end = _phrases(), 0
    for start in starts:
        for phrase, reading in phrases[text[start : start + _KEY]] if start >= end else ():
            if text.startswith(phrase, start):
                end = start + len(phrase)
                syllables[start:end] = reading
                break


def plain_letters(text: str) -> str:
    """Write typed pinyin as readings are written: ü, and v and yu in its place, as u.

    ``nyu`` stays: it may be the end of one syllable and the start of the next.

    Examples
    --------
    >>> plain_letters("lvliang"), plain_letters("lyuliang"), plain_letters("jinyuan")
    ('luliang', 'luliang', 'jinyuan')
    """
    return text.replace("lv", "lu").replace("nv", "nu").replace("lyu", "lu")


class _Characters(dict[str, str]):
    """Readings of characters; those without one are unread."""

    def __missing__(self, character: str) -> str:
        return UNREAD


@cache
def _characters() -> Mapping[str, str]:
    """Give the reading of each single character."""
    own = {each: each for each in "abcdefghijklmnopqrstuvwxyz0123456789"}
    spoken = _dictionary("pinyin_dict.json")
    read = {chr(int(code)): _toneless(said.split(",")[0]) for code, said in spoken.items()}
    return _Characters(read | own | dict(CHARACTERS))


@cache
def _phrases() -> Mapping[str, Sequence[tuple[str, Sequence[str]]]]:
    """Give the phrases that are not read character by character, by how they begin.

    Place names come first, then the longer phrases.
    """
    characters = _characters()
    found: dict[str, list[str]] = {}
    for phrase, said in _dictionary("phrases_dict.json").items():
        reading = [_toneless(each[0]) for each in said]
        told = len(reading) == len(phrase) and phrase not in CHANCE
        if told and reading != [characters.get(each) for each in phrase]:
            found["".join([*phrase])] = reading  # a copy, lest it keeps what lies around it
    by_start: dict[str, list[tuple[str, Sequence[str]]]] = {}
    tables: tuple[Mapping[str, Sequence[str]], ...] = (PLACES, found)
    for table in tables:
        for phrase in sorted(table, key=len, reverse=True):
            by_start.setdefault(phrase[:_KEY], []).append((phrase, table[phrase]))
    _toneless.cache_clear()
    return by_start


def _dictionary(name: str) -> dict[str, Any]:
    """Read a dictionary of pypinyin, whose own import would hold 55 MB for good."""
    spec = find_spec("pypinyin")
    if spec is None or spec.origin is None or not isinstance(spec.loader, SourceFileLoader):
        raise ImportError("readings need the dictionaries of pypinyin: install geomap again")
    content = spec.loader.get_data(spec.origin.replace("__init__.py", name))
    read: dict[str, Any] = json.loads(content)
    return read


@cache
def _toneless(syllable: str) -> str:
    """Write a syllable without its tone, and ü as u."""
    from unicodedata import normalize

    letters = normalize("NFD", syllable).lower()
    return "".join(each for each in letters if each.isascii() and each.isalpha()) or UNREAD
