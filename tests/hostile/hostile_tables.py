"""Delimited text that is wide, long, unclosed, live or impossible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from traps import Trap, hostile, text

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "名称,地址,床位,经度,纬度\n"
ROW = "甲敬老院,人民路一号,5,121.5,31.2\n"


@text("csv-columns/a.csv")
def _many_columns(_: Trap) -> str:
    header = ",".join(["名称", *(f"c{n}" for n in range(100_000))])
    return f"{header}\n甲{',1' * 100_000}\n"


@text("csv-cells/a.csv")
def _many_cells(trap: Trap) -> str:
    header = ",".join(["名称", *(f"c{n}" for n in range(498))])
    return f"{header}\n" + ("甲" + "," * 498 + "\n") * trap.size(2_000, 150_000)


@text("csv-one-line/a.csv")
def _one_line(trap: Trap) -> str:
    return "甲" * trap.size(1_000_000, 33_000_000)


@text("csv-one-cell/a.csv")
def _one_cell(trap: Trap) -> str:
    return HEADER + "甲" * trap.size(1_000_000, 33_000_000) + ",x,1,121.5,31.2\n"


@text("csv-nuls/a.csv")
def _nuls(_: Trap) -> str:
    return HEADER + "甲敬\x00老院,\x00,5\x00,121.5,31.2\n" * 3


@text("csv-zeros/a.csv")
def _all_zeros(trap: Trap) -> str:
    return "\x00" * trap.size(1_000_000, 100_000_000)


@text("csv-unclosed/a.csv")
def _unclosed_quote(trap: Trap) -> str:
    return HEADER + '"甲敬老院,' + ROW * trap.size(20_000, 1_100_000)


@text("csv-quotes/a.csv")
def _deep_quotes(trap: Trap) -> str:
    return HEADER + '"' * (2 * trap.size(500_000, 20_000_000)) + ",x,1,121.5,31.2\n"


@text("csv-open-quotes/a.csv")
def _many_open_quotes(trap: Trap) -> str:
    return HEADER + ('甲"院",一"号,5,121.5,31.2\n' + ROW) * trap.size(5_000, 500_000)


@hostile("csv-utf16-odd/a.csv")
def _odd_utf16(path: Path, _: Trap) -> None:
    path.write_bytes((HEADER + ROW).encode("utf-16") + b"\x00")


@hostile("csv-bad-bytes/a.csv")
def _bad_bytes(path: Path, _: Trap) -> None:
    path.write_bytes(HEADER.encode() + bytes(range(256)) * 50 + b"\n" + ROW.encode("gbk"))


@text("csv-formulas/a.csv")
def _live_formulas(trap: Trap) -> str:
    live = (
        "=cmd|'/C calc'!A0", f'"=HYPERLINK(""{trap.url}"")"', "@SUM(1+1)", "+1+1", "-2+3",
        f'"=WEBSERVICE(""{trap.url}"")"', "\t=1", "=1",
    )  # fmt: skip
    return HEADER + "".join(f"{each},{each},5,121.5,31.2\n" for each in live)


@text("csv-numbers/a.csv")
def _impossible_numbers(_: Trap) -> str:
    odd = (
        "1e999",
        "nan",
        "inf",
        "-inf",
        "NaN",
        "1e308",
        "٣١",
        "0x10",
        "1_0",
        "９",
        "--5",
        "1e-400",
    )
    return HEADER + "".join(f"甲{n},x,{each},{each},{each}\n" for n, each in enumerate(odd))


@text("csv-digits/a.csv")
def _many_digits(trap: Trap) -> str:
    digits = "9" * trap.size(100_000, 10_000_000)
    return HEADER + f"甲敬老院,x,{digits},{digits},{digits}\n"


@text("csv-backtracking/a.csv")
def _hard_to_match(trap: Trap) -> str:
    size = trap.size(20_000, 1_000_000)
    hard = ("1 " * size, "省市" * size, "12-" * size, "(" * size, "1," * size, "年月" * size)
    rows = (f'"{each}","{each}","{each}","{each}","{each}","{each}","{each}"\n' for each in hard)
    return "名称,地址,床位,经度,纬度,电话,开业时间\n" + "".join(rows)


@text("csv-wkt-deep/a.csv")
def _deep_wkt(trap: Trap) -> str:
    levels = trap.size(100_000, 3_000_000)
    deep = "GEOMETRYCOLLECTION(" * levels + "POINT(1 1)" + ")" * levels
    return f'名称,geometry\n甲,"{deep}"\n'


@text("csv-wkt-odd/a.csv")
def _odd_wkt(_: Trap) -> str:
    odd = (
        "POINT(nan nan)", "POINT(1e999 1)", "POLYGON((0 0,1 1))", "POLYGON EMPTY",
        "CIRCULARSTRING(0 0,1 1,2 0)", "POINT(1)", "SRID=4326;POINT(121 31)",
        "TIN(((0 0,0 1,1 1,0 0)))", "POINT ZM(1 2 3 4)", "P" * 99999,
    )  # fmt: skip
    return "名称,geometry\n" + "".join(f'甲{n},"{each}"\n' for n, each in enumerate(odd))


@text("csv-wkb-odd/a.csv")
def _odd_wkb(_: Trap) -> str:
    bomb = "0103000000ffffffff" + "00" * 40
    deep = "0107000000" + "01000000" + ("0107000000" + "01000000") * 50_000
    return f"名称,geometry\n甲,{bomb}\n乙,{deep}\n丙,01\n丁,zz\n"


@text("csv-words/a.csv")
def _many_words(trap: Trap) -> str:
    rows = (f"甲{n}敬老院,种类{n},性质{n},{n}星?,x{n}\n" for n in range(trap.size(3_000, 400_000)))
    return "名称,类型,性质,星级,电话\n" + "".join(rows)


@text("csv-same/a.csv")
def _all_the_same(trap: Trap) -> str:
    return HEADER + ROW * trap.size(5_000, 400_000)


@text("csv-markup/a.csv")
def _markup(trap: Trap) -> str:
    sly = f"<script src={trap.url}/x.js></script>`${{1}}`{{{{7*7}}}}%s%n{{came}}{{0.__class__}}"
    return f"名称,类型,{sly}\n{sly},{sly},1\n甲,{sly},{sly}\n"


@text("--help.csv/--help.csv", "csv-sly-name/a\n;$(id) .csv")
def _sly_name(_: Trap) -> str:
    return HEADER + ROW
