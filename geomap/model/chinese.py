"""Chinese text: traditional characters written as simplified ones."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def simplify(texts: pd.Series) -> pd.Series:
    """Write traditional Chinese characters as simplified ones, all in one call of OpenCC."""
    import pandas as pd

    joined = "\n".join(text.replace("\n", " ") for text in texts)
    simplified = _converter().convert(joined).split("\n") if len(texts) else []
    return pd.Series(simplified, index=texts.index, dtype="str")


def simplify_text(text: str) -> str:
    """Write one text in simplified Chinese.

    Examples
    --------
    >>> simplify_text("臺北市養護中心")
    '台北市养护中心'
    """
    return text if text.isascii() else str(_converter().convert(text))


@cache
def _converter() -> Any:  # noqa: ANN401 (OpenCC is untyped)
    """Load OpenCC once: it takes milliseconds."""
    import opencc

    return opencc.OpenCC("t2s")
