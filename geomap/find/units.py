"""English words for kinds of division: Haishu District is 海曙区, which sounds haishuqu."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: As the Chinese words for them sound.
_UNITS: Mapping[str, str] = {
    "province": "sheng",
    "prefecture": "zhou",
    "city": "shi",
    "municipality": "shi",
    "district": "qu",
    "county": "xian",
    "banner": "qi",
    "town": "zhen",
    "township": "xiang",
    "subdistrict": "jiedao",
    "village": "cun",
    "street": "jie",
    "road": "lu",
}
#: What else stands in the names of units; it may be no pinyin, and tells nothing.
_FILLING = frozenset({"autonomous", "region", "special", "administrative", "uyghur", "uygur"})


def spelt_units(words: Sequence[str]) -> list[str]:
    """Write words for units as pinyin, behind the words that they belong to.

    Parameters
    ----------
    words : of a query, as they are compared.

    Returns
    -------
    The words with every unit in pinyin; none where there is no unit.

    Examples
    --------
    >>> spelt_units(["haishu", "district", "ningbo"]), spelt_units(["district", "9"])
    (['haishuqu', 'ningbo'], [])
    """
    spelt: list[str] = []
    for word in words:
        if word in _UNITS and spelt:
            spelt[-1] += _UNITS[word]
        else:
            spelt.append(word)
    return spelt if len(spelt) < len(words) else []


def without_units(words: Sequence[str]) -> list[str]:
    """Leave out the words for units; none where there is no such word, or no other.

    Examples
    --------
    >>> without_units(["ningxia", "hui", "autonomous", "region"]), without_units(["ningbo"])
    (['ningxia', 'hui'], [])
    """
    others = [word for word in words if word not in _UNITS and word not in _FILLING]
    return others if len(others) < len(words) else []
