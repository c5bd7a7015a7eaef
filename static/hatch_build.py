"""Build hook: fetch the npm libraries, draw the symbols and compile the translations.

It runs for wheels, source archives and editable installs alike, so that each of them serves the
whole application without anything to install by hand.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class StaticBuildHook(BuildHookInterface):
    """Make ``static/vendor`` and the compiled translations before files are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 (hatchling's signature)
        """Build what the package needs and git does not hold."""
        root = Path(self.root)
        sys.path.insert(0, str(root / "static"))
        import build_static

        build_static.build(root / "static")
        compile_translations(root / "geomap" / "web" / "translations")


def compile_translations(folder: Path) -> None:
    """Compile every message catalogue beside its source."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        with source.open("rb") as file:
            catalog = read_po(file, locale=source.parts[-3])
        with source.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalog)
