"""Read prices as people write them: 3000-5000元/月, 3000元起, 4000以内."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from geomap.data.files.values.values import Fault, Parsed, half_width, known

if TYPE_CHECKING:
    import pandas as pd

_NUMBER = (
    r"([0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?)\s*(?:元|yuan)?"
    r"\s*(?:/?\s*(?:每?人)?\s*/?\s*(?:每?月|month))?"
)
_RANGE = re.compile(rf"{_NUMBER}\s*(?:-|~|—|–|－|至|到|to)\s*{_NUMBER}", re.IGNORECASE)
_FROM = re.compile(
    rf"(?:≥|>=|不低于)?\s*{_NUMBER}\s*(?:起|以上|\+)|(?:≥|>=|不低于|from)\s*{_NUMBER}",
    re.IGNORECASE,
)
_UP_TO = re.compile(
    rf"(?:≤|<=|不超过|最高|up to)\s*{_NUMBER}|{_NUMBER}\s*(?:以内|以下|封顶)", re.IGNORECASE
)
_ONE = re.compile(_NUMBER, re.IGNORECASE)
_LEAD = re.compile(
    r"^(?:每?月|收费标准|月?收费|价格|人均|¥|￥|rmb)?\s*[:：]?\s*[¥￥]?\s*", re.IGNORECASE
)


def parse_prices(texts: pd.Series, *, factor: float = 1.0) -> tuple[Parsed, Parsed]:
    """Read a column of prices as the least and the greatest, yuan a month.

    Parameters
    ----------
    texts : (n,) text, missing where unknown.
    factor : what numbers are multiplied by, where the header states another unit.

    Returns
    -------
    (n,) float64 from and to; one price is both, an open end is unknown. Faults stand with the
    first.

    Examples
    --------
    >>> import pandas as pd
    >>> low, high = parse_prices(pd.Series(["3,000-5000元/月", "2800元起", "4000", "面议"]))
    >>> low.values.tolist(), high.values.tolist(), low.faults[0].code
    ([3000.0, 2800.0, 4000.0, nan], [5000.0, nan, 4000.0, nan], 'bad_price')
    """
    cells = half_width(known(texts))
    pairs = {text: _price(_LEAD.sub("", text)) for text in cells.dropna().unique()}
    low = cells.map({text: pair[0] for text, pair in pairs.items()}).astype("float64") * factor
    high = cells.map({text: pair[1] for text, pair in pairs.items()}).astype("float64") * factor
    bad = cells.notna() & low.isna() & high.isna()
    faults = (Fault("bad_price", bad, {"came": texts}),) if bad.any() else ()
    return Parsed(low, faults), Parsed(high)


def _price(text: str) -> tuple[float | None, float | None]:
    """Read one price."""
    for form, ends in ((_RANGE, "both"), (_FROM, "from"), (_UP_TO, "to"), (_ONE, "one")):
        match = form.fullmatch(text.strip())
        if match:
            numbers = [float(each.replace(",", "")) for each in match.groups() if each]
            if ends == "both":
                return (numbers[0], numbers[1]) if numbers[0] <= numbers[1] else (None, None)
            return (
                numbers[0] if ends in ("from", "one") else None,
                numbers[0] if ends in ("to", "one") else None,
            )
    return None, None
