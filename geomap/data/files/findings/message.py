"""One kind of finding: how bad it is, and how it is said in two languages.

A message names what was expected, what came and what to do. ``{came}`` and the other
values are quoted from the file: control characters are removed, long ones are cut.
``{state:encoding}`` asks for an option in the reader's words, see
:mod:`geomap.data.files.findings.asking`; no message names an option of the command line itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Message:
    """One kind of finding: how bad it is and how it is said."""

    level: Level
    zh: str
    en: str

    def of(self, language: str) -> str:
        """Give the template in `language`: English for "en", else Chinese."""
        return self.en if language == "en" else self.zh
