"""Short names for a narrow table: what tells a few homes from each other, nothing more."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Chinese signs, or Latin letters with their spaces, that a short name has at most.
_MOST, _MOST_LATIN = 5, 12
_LEAST = 2
_BRACKETED = re.compile(r"[（(][^（）()]*[）)]")
#: Where it lies, and how it is held: in front of what it is called.
_BEFORE = re.compile(
    r"^(?:[\u4e00-\u9fff]{2,3}?[省市区區县縣]|私立|公立|市立|[财財][团團]法人|社[团團]法人)"
)
#: What it is: behind what it is called; the longest first.
_AFTER = re.compile(
    r"(?:老人|老年人?|[长長]者|社[区區]|[综綜]合)*(?:[养養]老服[务務]|[长長]期照[顾顧護护]|安[养養][护護]?"
    r"|[养養][护護老]|[护護]理|照料|照[护護]|服[务務]|日[间間]照料|福利|敬老|幸福|[颐頤][养養])*"
    r"(?:中心|院|所|之家|公寓|[驿驛]站|机构|機構)$"
)


def short_names(names: Sequence[str]) -> list[str]:
    """Shorten the names of homes that are compared: without what they have in common.

    Parameters
    ----------
    names : (n,) full names.

    Returns
    -------
    (n,) a few signs each, never empty where the name is not; two may be alike.

    Examples
    --------
    >>> short_names(["臺北市私立璞園老人長期照顧中心(養護型)", "臺北市至善老人安養護中心"])
    ['璞園', '至善']
    >>> short_names(["清华园养老院", "Sunny Hill Nursing Home of Beijing"])
    ['清华园', 'Sunny Hill…']
    """
    bare = [_BRACKETED.sub("", each).strip() or each for each in names]
    alike = takewhile(lambda signs: len(set(signs)) == 1, zip(*bare, strict=False))
    common = "".join(signs[0] for signs in alike) if len(bare) > 1 else ""
    return [_clipped(_core(each, common)) for each in bare]


def _core(name: str, common: str) -> str:
    """Leave out where a home lies and what it is, as long as something is left."""
    core = name
    if common and not common[-1].isascii() and len(name) - len(common) >= _LEAST:
        core = name[len(common) :]
    for part in (_BEFORE, _BEFORE, _BEFORE, _AFTER):
        left = part.sub("", core)
        core = left if len(left) >= _LEAST else core
    return core


def _clipped(name: str) -> str:
    """Cut a name that is still long, Latin ones between words."""
    if not name.isascii():
        return name if len(name) <= _MOST else f"{name[: _MOST - 1]}…"
    if len(name) <= _MOST_LATIN:
        return name
    return f"{name[:_MOST_LATIN].rsplit(' ', 1)[0]}…"
