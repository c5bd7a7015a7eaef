"""Looking a text up among names: in which ways it fits, the best way first."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import partial
from typing import TYPE_CHECKING

from geomap.errors import ParameterError
from geomap.find.filling import ADDRESS, CODES, SAID, SOUNDS
from geomap.find.near import near_rows
from geomap.find.readings import plain_letters, read_all
from geomap.find.syllables import (
    BEGIN,
    END,
    chains_of,
    held_by_initials,
    held_by_sound,
    initials,
    readings_of,
)
from geomap.model.text import normalise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tantivy import Query

    from geomap.find.index import Look, NameIndex

    Fits = dict[int, "Fit"]
    #: Makes queries, the narrowest first.
    Ways = Sequence[Callable[[], Query | None]]

    #: A word, and the codes of the divisions that it may name; None is those alone.
    Word = tuple[str | None, Sequence[str]]


class Fit(IntEnum):
    """How a thing answers a query, best first."""

    WHOLE = 0
    START = 1
    PART = 2
    IN_ADDRESS = 3
    SOUND = 4
    SOUND_START = 5
    SOUND_PART = 6
    WORDS = 7
    AROUND = 8
    INITIALS = 9
    INITIALS_START = 10
    INITIALS_PART = 11
    NEAR_SOUND = 12
    NEAR = 13
    ADDRESS = 14
    NOT = 15


#: The longest query that is looked up, in characters.
LONGEST_QUERY = 200
_FEWEST_INITIALS = 3
#: So few letters stand in so many names that parts are looked for last.
_VAGUE = 3
_SCRIPTS = re.compile(r"[a-z]+|[^a-z]+")
_BREAKS = re.compile(r"[\s,，、;；/|]+")
_SIGNS = re.compile(r"[^\w'’]+")
_MOST_WORDS = 8


@dataclass(frozen=True)
class Asked:
    """A query, as it is compared.

    Parameters
    ----------
    words : its words.
    english : its words as English ones, cut at every sign.
    kind : facility or place; both where None.
    limit : the most rows wanted.
    """

    words: Sequence[str]
    english: Sequence[str]
    kind: str | None
    limit: int

    @classmethod
    def of(cls, query: str, *, kind: str | None, limit: int) -> Asked:
        """Read a query."""
        words = words_of(query)
        return cls(words, _split(query, _SIGNS) or words, kind, limit)

    def but(self, words: Sequence[str]) -> Asked:
        """Ask for other words in the same way."""
        return replace(self, words=words, english=words)

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.words)

    @property
    def letters(self) -> str:
        """What of it may be pinyin: all or nothing."""
        return letters_of(self.text)

    @property
    def parts(self) -> Sequence[str]:
        """Its words, cut where letters and other characters meet."""
        return [part for word in self.words for part in _SCRIPTS.findall(word)]


def require_query(query: str, limit: int) -> None:
    """Refuse what nobody types.

    Raises
    ------
    ParameterError : if the query is too long, or the limit below 1.
    """
    if limit < 1:
        raise ParameterError(f"limit must be at least 1, got {limit}")
    if len(query) > LONGEST_QUERY:
        raise ParameterError(f"a search may have {LONGEST_QUERY} characters, got {len(query)}")


def words_of(query: str) -> list[str]:
    """Split a query into words, as they are compared.

    Examples
    --------
    >>> words_of("臺北市， 信義區")
    ['台北市', '信义区']
    """
    return _split(query, _BREAKS)


def _split(query: str, breaks: re.Pattern[str]) -> list[str]:
    whole = query.encode(errors="ignore").decode()  # half of a surrogate pair is no character
    return [word for word in map(normalise, breaks.split(whole)) if word][:_MOST_WORDS]


def letters_of(text: str) -> str:
    """Give typed pinyin; nothing where a text is not made of letters, or of digits alone."""
    return plain_letters(text) if text.isascii() and not text.isdigit() else ""


@dataclass(frozen=True, eq=False)
class Lookup:
    """Ways to look a text up; each gives rows and how they fit.

    Parameters
    ----------
    names : where to look.
    """

    names: NameIndex

    def written(self, asked: Asked) -> Fits:
        """Look for a text as it is written: whole names, starts, parts."""
        names, text = self.names, asked.text
        english = partial(names.ask.having_words, asked.english) if text.isascii() else no_query

        def fit(said: str) -> Fit | None:
            return fit_of(text, said, Fit.WHOLE) if text in said else None

        ways: Ways = (
            lambda: names.ask.term("whole", text),
            lambda: names.ask.any_of(
                [names.ask.holding("gram", BEGIN + text), english(start=True)]
            ),
            lambda: names.ask.any_of([names.ask.holding("gram", text), english()]),
        )
        return self._best(asked, ways, self._look(SAID, fit), Fit.WHOLE, few=len(text) > 1)

    def in_addresses(self, asked: Asked) -> Fits:
        """Look for a text in the addresses of facilities."""
        names, text = self.names, asked.text
        if len(text) == 1:
            return {}
        look = self._look(ADDRESS, lambda address: Fit.IN_ADDRESS if text in address else None)
        return names.first(names.ask.holding("address", text), asked.limit, look, kind=asked.kind)

    def heard(self, asked: Asked) -> Fits:
        """Look for pinyin: all of a name, its start, a part that begins with a syllable."""
        names, letters = self.names, asked.letters
        if len(letters) <= 1:
            return {}

        def fit(sounds: str) -> Fit | None:
            found = [fit_of_sound(letters, each) for each in readings_of(sounds)]
            above = [fit_of_sound(letters, each) for each in chains_of(sounds)]
            found += [each for each in above if each != Fit.SOUND_PART]
            return min((each for each in found if each is not None), default=None)

        ways: Ways = (
            lambda: names.ask.sounding(letters, whole=True),
            lambda: names.ask.sounding(letters, start=True),
            lambda: names.ask.sounding(letters),
        )
        return self._best(
            asked, ways, self._look(SOUNDS, fit), Fit.SOUND, few=len(letters) > _VAGUE
        )

    def shortened(self, asked: Asked) -> Fits:
        """Look for initials: all of a name, its start, a part if they are three or more."""
        names, letters = self.names, asked.letters
        if len(letters) <= 1:
            return {}

        def fit(sounds: str) -> Fit | None:
            own = _marked_initials(readings_of(sounds))
            above = _marked_initials(chains_of(sounds))
            if BEGIN + letters in own + above or letters in own:
                return fit_of(letters, own + above, Fit.INITIALS)
            return None

        ways: Ways = [
            lambda: names.ask.with_initials(letters, whole=True),
            lambda: names.ask.with_initials(letters, start=True),
        ]
        if len(letters) >= _FEWEST_INITIALS:
            ways = [*ways, lambda: names.ask.with_initials(letters)]
        return self._best(
            asked, ways, self._look(SOUNDS, fit), Fit.INITIALS, few=len(letters) > _VAGUE
        )

    def with_words(self, asked: Asked, words: Sequence[Word]) -> Fits:
        """Look for things that answer every word: by a name, an address, or by lying in it.

        Parameters
        ----------
        words : pairs of a word and the codes of the divisions that it may name; without a word,
            what lies in them.
        """
        query = self.names.ask.all_of([self._word(word, codes) for word, codes in words])
        look = partial(self._have_words, words)
        return self.names.first(query, asked.limit, look, kind=asked.kind)

    def near(self, asked: Asked, *, inside: Sequence[str] = ()) -> Fits:
        """Look for names in which one character is wrong, missing, too much or swapped.

        Who types by sound errs by sound: names that are read alike come first.

        Parameters
        ----------
        inside : the codes of the divisions to look in; everywhere where there are none.
        """
        rows = near_rows(self.names, asked, inside=inside)
        (typed,) = read_all([asked.text])
        sounds = zip(rows, self.names.texts(SOUNDS, rows), strict=True)
        alike = {row for row, said in sounds if any(typed == [*each] for each in readings_of(said))}
        return {row: Fit.NEAR_SOUND if row in alike else Fit.NEAR for row in rows}

    def _best(self, asked: Asked, ways: Ways, look: Look[Fit], whole: Fit, *, few: bool) -> Fits:
        """Go several ways, of which each finds all that the ones before it find, and more.

        Parameters
        ----------
        whole : the best fit, which the first way is for; those that follow find the next.
        few : not many are expected, so the last way may well find them all at once.
        """
        found: Fits = {}
        if few:
            found = self.names.first(ways[-1](), asked.limit, look, kind=asked.kind)
            if len(found) < asked.limit:
                return found
            ways = ways[:-1]
        for worst, way in enumerate(ways, start=whole):
            fitting = partial(_no_worse, look, Fit(worst))
            found |= self.names.first(way(), asked.limit, fitting, kind=asked.kind)
            if not few and len(found) >= asked.limit:
                break
        return found

    def _look(self, column: str, fit: Callable[[str], Fit | None]) -> Look[Fit]:
        """Look at one text of candidates."""
        return lambda rows: [fit(text) for text in self.names.texts(column, rows)]

    def _word(self, word: str | None, codes: Sequence[str]) -> Query | None:
        """Ask for one word."""
        names, inside = self.names, self.names.ask.terms("code", codes)
        if word is None:
            return inside
        letters = letters_of(word)
        ways = [inside, names.ask.holding("gram", word)]
        if len(word) > 1 and not letters:
            ways.append(names.ask.holding("address", word))
        if letters:
            ways += [names.ask.having_words([word]), names.ask.sounding(letters)]
        if len(letters) >= _FEWEST_INITIALS:
            ways.append(names.ask.with_initials(letters))
        return names.ask.any_of(ways)

    def _have_words(self, words: Sequence[Word], rows: Sequence[int]) -> list[Fit | None]:
        """Look which things answer every word."""
        columns = [self.names.texts(each, rows) for each in (SAID, ADDRESS, CODES, SOUNDS)]
        held = [
            all(
                not {*codes}.isdisjoint(inside.split())
                or (word is not None and (word in names or word in address))
                or (word is not None and is_heard(word, sounds))
                for word, codes in words
            )
            for names, address, inside, sounds in zip(*columns, strict=True)
        ]
        return [Fit.WORDS if each else None for each in held]


def _no_worse(look: Look[Fit], worst: Fit, rows: Sequence[int]) -> list[Fit | None]:
    """Look at candidates, and leave out what fits worse than is looked for."""
    return [None if each is None or each > worst else each for each in look(rows)]


def no_query(*, start: bool = False) -> None:
    """Ask for nothing."""


def _marked_initials(readings: Sequence[Sequence[str]]) -> str:
    """Write the initials of readings as texts are marked."""
    return "".join([f"{BEGIN}{initials(each)}{END}" for each in readings])


def fit_of(text: str, marked: str, whole: Fit) -> Fit:
    """Tell how a text that is in marked texts fits them best: whole, start or part.

    Examples
    --------
    >>> fit_of("静安", "^静安区$^静安$", Fit.WHOLE).name, fit_of("静", "^静安区$", Fit.WHOLE).name
    ('WHOLE', 'START')
    """
    if f"{BEGIN}{text}{END}" in marked:
        return whole
    return Fit(whole + 1 if BEGIN + text in marked else whole + 2)


def fit_of_sound(letters: str, reading: Sequence[str]) -> Fit | None:
    """Tell how typed pinyin fits a reading; None where it does not.

    Examples
    --------
    >>> fit_of_sound("zhous", ["zheng", "zhou", "shi"]).name, fit_of_sound("ou", ["zhou"])
    ('SOUND_PART', None)
    """
    held = held_by_sound(reading, letters)
    if held is None:
        return None
    first, last, complete = held
    if first > 0:
        return Fit.SOUND_PART
    return Fit.SOUND if complete and last == len(reading) else Fit.SOUND_START


def is_heard(word: str, sounds: str) -> bool:
    """Tell whether a word is pinyin, or initials, of a part of a name."""
    letters = letters_of(word)
    return bool(letters) and any(
        held_by_sound(reading, letters) is not None
        or (len(letters) >= _FEWEST_INITIALS and held_by_initials(reading, letters) is not None)
        for reading in readings_of(sounds)
    )
