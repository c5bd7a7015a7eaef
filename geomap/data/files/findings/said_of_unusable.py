"""What is said of a file that cannot be used, or was not imported or published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geomap.data.files.findings.message import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

UNUSABLE: Mapping[str, Message] = {
    "bad_option": Message(
        "error",
        "文件没有读取，选项有误：{came}。",
        "The file was not read; an option is wrong: {came}.",
    ),
    "not_imported": Message("error", "没有导入任何内容：{came}。", "Nothing was imported: {came}."),
    "not_published": Message(
        "error",
        "内容已经存入工作区，但还没有发布，读者暂时看不到：{came}。"
        "处理之后把同样的命令再运行一次，就会发布。",
        "The rows are stored in the workspace, but not published, so readers do not see them yet: "
        "{came}. See to it, then run the same command again: it publishes.",
    ),
    "file_missing": Message(
        "error",
        "找不到文件 {path}。请检查文件名和所在文件夹。",
        "There is no file {path}. Check its name and folder.",
    ),
    "file_unreadable": Message(
        "error",
        "无法打开 {path}：它是文件夹，或没有读取权限。请给出一个可读的文件。",
        "{path} cannot be opened: it is a folder or may not be read. Give a readable file.",
    ),
    "file_empty": Message(
        "error",
        "文件是空的。名单要有一行列名和至少一行数据，地图数据要有道路。",
        "The file is empty. A list needs a line of column names and at least one row of data, a "
        "map extract its streets.",
    ),
    "file_changed": Message(
        "error",
        "{path} 在读取时被改动。请等它写完或关闭正在编辑它的软件，再试一次。",
        "{path} changed while it was read. Wait until it is written, or close the program "
        "that edits it, and try again.",
    ),
    "took_too_long": Message(
        "error",
        "没有在限定的时间（计算 {expected} 秒，连同等待 {most} 秒）内读完，已停止，文件没有使用。"
        "请在原来的软件里打开检查后重新导出，或分成几个较小的文件。",
        "Reading was stopped, since it needs more than {expected} seconds of computing time or "
        "{most} seconds in all; the file was not used. Open it in the program it comes from and "
        "export it again, or split it into smaller files.",
    ),
    "too_much_memory": Message(
        "error",
        "读取所需的内存超过上限 {expected}，已停止，文件没有使用。请删去无关的列，"
        "或分成几个较小的文件。",
        "Reading needs more than {expected} of memory and was stopped; the file was not used. "
        "Delete columns that are not needed, or split it into smaller files.",
    ),
    "reader_failed": Message(
        "error",
        "文件内容无法处理，读取中断，文件没有使用。它可能已损坏："
        "请在原来的软件里打开检查，再另存或重新导出。",
        "The content cannot be processed: reading broke off and the file was not used. It may be "
        "damaged: open it in the program it comes from, and save or export it again.",
    ),
    "no_rows": Message(
        "error",
        "文件里没有数据行。表格请在列名下面填入数据，GeoJSON 请重新导出。",
        "The file has no rows. In a table, put the data below the column names; "
        "export GeoJSON again.",
    ),
    "too_large": Message(
        "error",
        "文件过大：{came}，上限 {expected}。请分成几个文件。",
        "The file is too large: {came}, at most {expected}. Split it into several files.",
    ),
    "too_many_columns": Message(
        "error",
        "有 {came} 列，上限 {expected} 列。请删去无关的列；表格最右边可能有误填的单元格。",
        "It has {came} columns, at most {expected} are read. Delete what is not needed; "
        "a stray cell may stand far to the right.",
    ),
    "format_unknown": Message(
        "error",
        "无法识别文件内容（{came}）。可接收：{expected}。请在原来的软件里另存为其中一种。",
        "The content is not recognised ({came}). Accepted: {expected}. "
        "Save it as one of these in the program it comes from.",
    ),
    "format_mismatch": Message(
        "error",
        "文件名以 {suffix} 结尾，内容却是 {came}。请把文件名改为以 {expected} 结尾，或重新导出。",
        "The name ends in {suffix}, but the content is {came}. "
        "Rename it to end in {expected}, or export it again.",
    ),
    "invalid_xlsx": Message(
        "error",
        "工作簿已损坏，无法打开（{came}）。请在表格软件里打开后另存为 .xlsx。",
        "The workbook is damaged and cannot be opened ({came}). "
        "Open it in a spreadsheet program and save it as .xlsx.",
    ),
    "invalid_json": Message(
        "error",
        "第 {line} 行起 JSON 不完整或有误（{came}）。文件可能没有传完，请重新导出。",
        "The JSON is incomplete or wrong from line {line} ({came}). "
        "The file may be cut short: export it again.",
    ),
    "not_geojson": Message(
        "error",
        "JSON 里没有 GeoJSON 的 FeatureCollection 或 Feature（这里是 {came}）。请导出为 GeoJSON。",
        "The JSON holds no GeoJSON FeatureCollection or Feature (it is {came}). "
        "Export it as GeoJSON.",
    ),
    "unclosed_quote": Message(
        "error",
        "第 {line} 行里的双引号没有配对，其后的内容无法分行。请补上或删去这个引号，或重新导出。",
        "A quotation mark opened in row {line} is never closed, so what follows cannot be split "
        "into rows. Close or delete it, or export the file again.",
    ),
    "encoding_unknown": Message(
        "error",
        "内容不是可识别的文字编码（试过 {expected}）。请另存为 UTF-8，或{state:encoding}。",
        "The content is in no known text encoding (tried {expected}). "
        "Save it as UTF-8, or {state:encoding}.",
    ),
    "encoding_wrong": Message(
        "error",
        "按指定的文字编码 {expected} 无法读取：第 {line} 行有它没有的字符。"
        "文件看起来是 {came}，请改用它。",
        "It cannot be read in the stated text encoding {expected}: line {line} has characters "
        "that it lacks. The file looks like {came}: use that.",
    ),
    "missing_column": Message(
        "error",
        "没有找到“{field}”列；文件里的列是：{came}。请{state:map 列名={name}}。",
        "No column was recognised as {field}; the file has: {came}. "
        "Please {state:map COLUMN={name}}.",
    ),
    "crs_link": Message(
        "error",
        "坐标系写成了网络链接（{came}），不会去访问。请{state:crs}。",
        "The coordinate system is given as a link ({came}), which is never fetched. "
        "Please {state:crs}.",
    ),
    "crs_unknown": Message(
        "error",
        "文件写明的坐标系 {came} 不在可接收之列。请{state:crs}，或导出为 WGS-84 经纬度。",
        "The coordinate system {came} stated in the file is not accepted. "
        "Please {state:crs}, or export it as WGS-84 longitude and latitude.",
    ),
    "raster_outside": Message(
        "error",
        "栅格的一角 {came} 不在坐标系 {expected} 的范围内，文件没有使用。请核对；"
        "坐标系不对请{state:crs}。",
        "A corner of the raster, {came}, does not lie within {expected}; the file was not used. "
        "Check it; if the system is wrong, {state:crs}.",
    ),
    "crs_contradictory": Message(
        "error",
        "文件里坐标系的参数与它的代码互相矛盾（{came}），位置可能差几百公里，不会替您猜。"
        "请{state:crs}，或重新导出。",
        "The numbers of the file's coordinate system are not those of its code ({came}); places "
        "may be hundreds of kilometres off, and it is never guessed. Please {state:crs}, or "
        "export the file again.",
    ),
    "crs_missing": Message(
        "error",
        "文件没有写明坐标系（第一个坐标是 {came}），不会替您猜。请{state:crs}；"
        "WGS-84 经纬度写 {expected}，高德或百度的坐标请{state:datum}。",
        "The file does not say in which system its coordinates are (the first is {came}), and it "
        "is never guessed. Please {state:crs}: {expected} for WGS-84 degrees; if they come from "
        "AMap or Baidu, {state:datum}.",
    ),
    "invalid_file": Message(
        "error",
        "文件已损坏或不完整，无法作为{expected}读取（{came}）。请重新导出。",
        "The file is damaged or incomplete and cannot be read as {expected} ({came}). "
        "Export it again.",
    ),
    "part_missing": Message(
        "error",
        "Shapefile 由几个文件组成，这里缺少 {came}。"
        "请把 {expected} 放在一起（或压缩成一个 .zip）再读。",
        "A shapefile consists of several files, and {came} is missing. "
        "Put {expected} together (or into one .zip) and read it again.",
    ),
    "unsafe_archive": Message(
        "error",
        "压缩文件里有不能安全解开的内容（{came}）。请只放需要的文件，重新压缩。",
        "The archive holds what cannot be unpacked safely ({came}). "
        "Pack it again with the needed files only.",
    ),
    "unsafe_database": Message(
        "error",
        "数据库里有不该有的内容（{came}），不会读取。请在 QGIS 里把图层另存为新的 GeoPackage。",
        "The database holds what a plain GeoPackage does not ({came}) and is not read. "
        "Save the layer as a new GeoPackage, in QGIS for example.",
    ),
    "unsafe_xml": Message(
        "error",
        "XML 里有文档类型声明（DOCTYPE），它能引入别的文件，不会读取。请重新导出。",
        "The XML has a document type declaration (DOCTYPE), which can draw in other files; "
        "it is not read. Export the file again.",
    ),
    "only_network_links": Message(
        "error",
        "文件里只有指向网络的链接（{came}），没有数据；不会去访问。请在原来的软件里打开后另存。",
        "The file holds only links to the network ({came}) and no data; they are never followed. "
        "Open it in the program it comes from and save the places themselves.",
    ),
    "no_layer": Message(
        "error",
        "文件里没有可读取的图层（{came}）。请导出含有数据的图层。",
        "The file has no layer that can be read ({came}). Export a layer that holds data.",
    ),
    "osm_nothing": Message(
        "error",
        "OpenStreetMap 数据里有 {came} 个带标签的对象，却没有{expected}。请核对范围和用途。",
        "The OpenStreetMap extract has {came} tagged objects but no {expected}. "
        "Check its extent and what it is read as.",
    ),
    "map_too_wide": Message(
        "error",
        "这份 OpenStreetMap 数据太大，做街道底图要 {came} 块图，上限 {expected} 块（约一个省）。"
        "请按城市截取后再导入。",
        "The OpenStreetMap extract is too wide: its street map takes {came} tiles, at most "
        "{expected} are made (about a province). Cut out a city and import that.",
    ),
    "too_many_cells": Message(
        "error",
        "有 {came} 行、{count} 列，超过 {expected} 个单元格的上限。"
        "请分成几个文件，或删去无关的列。",
        "It has {came} rows and {count} columns, more than the {expected} cells that are read. "
        "Split it into several files, or delete what is not needed.",
    ),
}
