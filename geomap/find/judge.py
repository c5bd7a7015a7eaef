"""How all things fit a query: one way of looking them up after another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from geomap.find.lookup import Fit, Lookup
from geomap.find.spoken import code_prefix
from geomap.find.syllables import SYLLABLES
from geomap.find.units import spelt_units, without_units
from geomap.model.divisions import LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from geomap.find.index import NameIndex
    from geomap.find.lookup import Asked
    from geomap.model.divisions import Divisions, Reading

    Fits = dict[int, Fit]
    Way = Callable[[Asked], Fits]
    #: Divisions that a query begins with, and the text after each.
    Begins = Sequence[tuple[int, str]]

#: What may follow a division where homes nearby are wished for.
WISH = re.compile(
    r"(?:附近|周边|周围|旁边)?的?(?:养老院|敬老院|福利院|护理院|老人院|养老机构|养老服务|养老)?"
)


@dataclass(frozen=True, eq=False)
class Judge:
    """Judges how things fit a query.

    Parameters
    ----------
    names : all things; the divisions stand first.
    divisions : what reads those in a text.
    """

    names: NameIndex
    divisions: Divisions

    @cached_property
    def _lookup(self) -> Lookup:
        return Lookup(self.names)

    def begins(self, words: Sequence[str]) -> list[tuple[int, str]]:
        """Read the divisions that a query begins with, as it stands or its words from the end.

        Returns
        -------
        Rows of divisions and the text after each; the longest readings first.
        """
        found: list[tuple[Reading, str]] = []
        for text in dict.fromkeys(["".join(words), "".join(reversed(words))]):
            found += [(each, text[each.length :]) for each in self.divisions.readings(text)]
        found.sort(key=lambda pair: len(pair[1]))
        return list(dict.fromkeys((each.rows[-1], rest) for each, rest in found))

    def fits(self, asked: Asked) -> Fits:
        """Judge how things fit: as typed, else with one character wrong.

        English words for units are read as pinyin first, and as part of an English name. Where
        nothing is found they are left out.
        """
        begins = self.begins(asked.words)
        spelt = spelt_units(asked.words)
        fits = self._looked_up(asked.but(spelt), self.begins(spelt)) if spelt else {}
        if fits:
            fits = _better(fits, self._lookup.written(asked))
        else:
            fits = self._looked_up(asked, begins)
        if not fits and (plain := without_units(asked.words)):
            fits = self._looked_up(asked.but(plain), self.begins(plain))
        fits = fits or self._near(asked, begins)
        if asked.kind != "facility":
            around = [row for row, rest in begins if rest and WISH.fullmatch(rest)]
            fits = _better(fits, dict.fromkeys(around, Fit.AROUND))
        return fits

    def first_fits(self, asked: Asked) -> Fits:
        """Judge how things fit in the first way in which any do, and by their addresses."""
        always = self._lookup.in_addresses
        return self._by_ways(asked, self.begins(asked.words), enough=1, always=always)

    def called_in_english(self, asked: Asked) -> list[int]:
        """Give the divisions that an English name with its unit, and nothing else, may mean."""
        if not (spelt := spelt_units(asked.words)):
            return []
        heard = self._raised(self._lookup.heard(asked.but(spelt)))
        named = [row for row, fit in heard.items() if fit == Fit.WHOLE]
        plain = self.begins(without_units(asked.words))  # Harbin is not how 哈尔滨 sounds
        return named or [row for row, rest in plain if not rest]

    def _looked_up(self, asked: Asked, begins: Begins) -> Fits:
        """Look until there are as many as wanted; by sound always, as people often type so."""
        always = self._lookup.heard
        return self._raised(self._by_ways(asked, begins, enough=asked.limit, always=always))

    def _by_ways(self, asked: Asked, begins: Begins, *, enough: int, always: Way) -> Fits:
        """Look as it is written, by sound, by words and divisions, by initials.

        Parameters
        ----------
        enough : so many end the search.
        always : the way that is gone even then.
        """
        fits: Fits = {}
        if asked.kind != "facility":
            fits |= {row: Fit.WHOLE for row, rest in begins if not rest}
        ways = (
            self._lookup.written,
            self._lookup.in_addresses,
            self._lookup.heard,
            partial(self._in_words, begins, fits),
            self._lookup.shortened,
        )
        for find in ways:
            if len(fits) < enough or find == always:
                fits |= find(asked) | fits  # what was found in a better way stays as it is
        return fits

    def _raised(self, fits: Fits) -> Fits:
        """Take a county whose name sounds as typed for what is meant: jingan is 静安区."""
        last = self.names.before(LEVELS.index("township"))
        heard = [row for row, fit in fits.items() if fit == Fit.SOUND and row < last]
        return fits | dict.fromkeys(heard, Fit.WHOLE)

    def _in_words(self, begins: Begins, fits: Mapping[int, Fit], asked: Asked) -> Fits:
        """Look by several words, or by what stands behind divisions, where that may be meant."""
        spelt = asked.letters and (fits or SYLLABLES.issuperset(asked.words))
        if Fit.WHOLE in fits.values() or spelt:
            return {}
        if len(asked.parts) > 1:
            words = [(word, self._codes(self.divisions.called(word))) for word in asked.parts]
            return self._lookup.with_words(asked, words)
        return self._behind(
            begins,
            lambda rest, around: self._lookup.with_words(asked, [(None, around), (rest, ())]),
        )

    def _near(self, asked: Asked, begins: Begins) -> Fits:
        """Look with one character wrong: in all of it, and in what stands behind divisions.

        What stands behind may be short or common (安福养老院), so beside names that are near to
        all of it only divisions count: 宁波海署 is 海曙区 rather than a hospital named so. A wish
        is no name: 江西敬老院 must not find every 养老院 there.
        """
        fits = self._lookup.near(asked)
        behind = self._behind(
            [each for each in begins if not WISH.fullmatch(each[1])],
            lambda rest, around: self._lookup.near(asked.but([rest]), inside=around),
        )
        last = self.names.before(len(LEVELS)) if fits else len(self.names)
        return _better(fits, {row: fit for row, fit in behind.items() if row < last})

    def _behind(self, begins: Begins, find: Callable[[str, Sequence[str]], Fits]) -> Fits:
        """Look for what stands behind divisions, within them: the longest reading that helps."""
        for rest in dict.fromkeys(rest for _, rest in begins if len(rest) > 1):
            found = find(rest, self._codes([row for row, after in begins if after == rest]))
            if found:
                return found
        return {}

    def _codes(self, rows: Iterable[int]) -> list[str]:
        """Give the codes by which the index knows what lies in divisions."""
        return [code_prefix(*self.divisions.codes(row)) for row in rows]


def _better(one: Fits, other: Fits) -> Fits:
    """Join two judgements: of each thing the better one."""
    return one | {row: min(fit, one.get(row, Fit.NOT)) for row, fit in other.items()}
