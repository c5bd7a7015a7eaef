"""Population grids as demand: GeoTIFF, squares, H3; each beside another library's numbers."""

from __future__ import annotations

import os
import warnings

import h3
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from pyproj import Geod

import geomap as gm
from geomap.data.reading import check
from geomap.data.sandbox import rasters
from geomap.errors import CRSError, DataError, ParameterError, TooLargeError
from geomap.model.demand import DEMAND
from geomap.model.population_grid import PopulationGrid

GEOD = Geod(ellps="WGS84")
PEOPLE = np.array([[1.5, -9999, 0], [20, 3, 400]], dtype="float32")


@pytest.fixture
def write(tmp_path):
    def run(people=PEOPLE, name="people.tif", crs="EPSG:4326", corner=(121, 31), size=0.01, **how):
        path = tmp_path / name
        profile = {"driver": "GTiff", "dtype": people.dtype, "count": 1, "nodata": -9999} | how
        height, width = people.shape
        transform = how.pop("transform", rasterio.Affine(size, 0, corner[0], 0, -size, corner[1]))
        profile |= {"height": height, "width": width, "crs": crs, "transform": transform}
        with rasterio.open(path, "w", **profile) as file:
            file.write(people, 1)
        return path

    return run


TILED = {"compress": "deflate", "tiled": True, "blockxsize": 16, "blockysize": 16}


@pytest.mark.parametrize(
    "how", [{}, {"compress": "lzw"}, TILED, {"compress": "zstd", "bigtiff": "yes"}], ids=str
)
def test_a_raster_gives_its_cells_and_what_is_unknown_stays_unknown(write, how):
    grid = gm.read_population_grid(write(**how))
    assert np.array_equal(grid.people, np.where(PEOPLE < 0, np.nan, PEOPLE), equal_nan=True)
    assert (grid.total, grid.unknown, grid.negative) == (424.5, 1, 0)
    assert grid.x == pytest.approx([121.005, 121.015, 121.025])
    assert grid.y == pytest.approx([30.995, 30.985])


def test_demand_of_a_raster_are_the_cells_with_people_as_outlines(write):
    demand = gm.read_demand(write())
    assert list(demand.columns) == [*DEMAND.names, "geometry"]
    assert demand["id"].tolist() == ["r0c0", "r1c0", "r1c1", "r1c2"]
    assert demand["population"].tolist() == [1.5, 20, 3, 400]
    assert demand["aged_60"].isna().all()
    bounds = [121.02, 30.98, 121.03, 30.99]
    assert list(demand.geometry.iloc[3].bounds) == pytest.approx(bounds, abs=1e-12)
    assert demand.crs.to_epsg() == 4326
    DEMAND.schema.validate(demand)


def test_cells_of_a_projected_raster_are_turned_corner_by_corner(write):
    from pyproj import Transformer

    path = write(crs="EPSG:32651", corner=(350_000, 3_450_000), size=1000)
    demand = gm.read_demand(path)
    back = Transformer.from_crs(4326, 32651, always_xy=True)
    x, y = back.transform(*shapely.get_coordinates(demand.geometry.iloc[0]).T)
    assert sorted(set(np.round(x, 3))) == [350_000, 351_000]
    assert sorted(set(np.round(y, 3))) == [3_449_000, 3_450_000]


def test_a_system_that_is_not_stated_not_accepted_or_wrong_is_told(write):
    with pytest.raises(DataError, match="in which system"):
        gm.read_demand(write(crs=None))
    assert len(gm.read_demand(write(crs=None), crs="EPSG:4326")) == 4
    mollweide = write(crs="ESRI:54009", corner=(1e6, 3e6), size=1000)
    with pytest.raises(DataError):
        gm.read_demand(mollweide)
    assert check(mollweide, table=DEMAND).findings[0].code == "crs_unknown"
    with pytest.raises(CRSError):
        gm.read_demand(write(), crs="EPSG:99999")
    metres = write(crs="EPSG:4326", corner=(350_000, 3_450_000), size=1000)
    with pytest.raises(DataError, match="corner of the raster"):
        gm.read_demand(metres)


@pytest.mark.parametrize("code", ["turned", "no band", "no tiff", "cut", "no place"])
def test_a_raster_that_cannot_be_used_is_refused_with_the_reason(write, code):
    path = write()
    if code == "turned":
        path = write(transform=rasterio.Affine(0.01, 0.002, 121, 0.002, -0.01, 31))
    if code == "no place":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the writer warns too
            path = write(transform=rasterio.Affine.identity())
    if code == "cut":
        path.write_bytes(path.read_bytes()[:60])
    if code == "no tiff":
        path.write_bytes(b"II*\x00 and nothing more")
    with pytest.raises(DataError):
        gm.read_population_grid(path, band=2 if code == "no band" else 1)


def test_below_nobody_is_unknown_and_counted(write):
    path = write(np.array([[-3, 5]], dtype="float32"))
    grid = gm.read_population_grid(path)
    assert (grid.negative, grid.total, grid.unknown) == (1, 5, 1)
    report = check(path, table=DEMAND)
    assert [(each.code, each.field) for each in report.findings] == [
        ("negative_value", "population")
    ]
    assert (report.outcome, report.accepted) == ("accepted", 1)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "people.tif")
    assert check(tmp_path / "people.tif", table=DEMAND).outcome == "refused"


def test_a_raster_without_people_is_refused(write):
    assert check(write(np.zeros((2, 2), "float32")), table=DEMAND).outcome == "refused"


def test_options_for_tables_are_refused_with_a_raster(write):
    with pytest.raises(ParameterError, match="cell_m"):
        gm.read_demand(write(), cell_m=100)


def test_what_a_reader_gives_back_is_not_believed(tmp_path):
    from geomap.data.files.findings.report import Report

    said = {"columns": 2, "rows": 1, "unknown": 0, "negative": 0, "system": "EPSG:4326",
            "west": 1.0, "north": 1.0, "width": 1.0, "height": -1.0}  # fmt: skip
    (tmp_path / "band.bin").write_bytes(np.array([1, 2], "<f4").tobytes())
    assert rasters._taken(tmp_path, Report("a.tif", "demand", details=said), crs=None).total == 3
    wrong = (
        {"columns": 3},
        {"rows": "1"},
        {"west": "far"},
        {"west": float("inf")},
        {"system": None},
    )
    for change in wrong:
        with pytest.raises(DataError):
            rasters._taken(tmp_path, Report("a.tif", "demand", details=said | change), crs=None)
    (tmp_path / "band.bin").write_bytes(np.array([1, -2], "<f4").tobytes())
    with pytest.raises(DataError):
        rasters._taken(tmp_path, Report("a.tif", "demand", details=said), crs=None)
    (tmp_path / "band.bin").write_bytes(b"")
    for change in ({"columns": 0}, {"columns": 10**18, "rows": 0}):
        with pytest.raises(DataError):
            rasters._taken(tmp_path, Report("a.tif", "demand", details=said | change), crs=None)


def test_many_cells_are_given_part_by_part():
    people = np.ones((1200, 2000), dtype="float32")
    grid = PopulationGrid(people, np.arange(2000) / 1000, np.arange(1200) / 1000, 0.001, 0.001)
    with pytest.raises(TooLargeError, match="parts"):
        grid.demand()
    first = next(grid.parts(1000, outlines=False))
    assert (len(first), first.geom_type.unique().tolist()) == (1000, ["Point"])
    assert first.geometry.iloc[1].equals(shapely.Point(0.001, 0))


@pytest.mark.parametrize(
    "change",
    [{"x": [0.0]}, {"y": [np.nan]}, {"width": 0}, {"people": np.array([[-1.0, 2]], "float32")}],
    ids=str,
)
def test_a_grid_whose_parts_do_not_fit_is_refused(change):
    sound = {
        "people": np.ones((1, 2), "float32"),
        "x": [0.0, 1],
        "y": [0.0],
        "width": 1,
        "height": 1,
    }
    PopulationGrid(**sound)
    with pytest.raises(DataError):
        PopulationGrid(**sound | change)


def test_points_of_a_stated_cell_size_become_squares_of_that_side(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("lon,lat,population\n121.5,31.2,10\n121.501,31.2,\n,,7\n")
    points = gm.read_demand(path)
    squares = gm.read_demand(path, cell_m=100)
    assert points.geom_type.dropna().unique().tolist() == ["Point"]
    assert squares.geometry.isna().tolist() == [False, False, True]
    assert squares["population"].fillna(-1).tolist() == [10, -1, 7]
    areas = [abs(GEOD.geometry_area_perimeter(each)[0]) for each in squares.geometry[:2]]
    assert areas == pytest.approx([10_000, 10_000], rel=1e-4)
    with pytest.raises(ParameterError, match="cell_m"):
        gm.read_demand(path, cell_m=0)


def test_sao_paulos_cells_of_h3_are_hexagons_with_all_their_people(data_folder):
    path = data_folder / "saopaulo" / "spo_hexgrid.csv"
    source, demand = pd.read_csv(path), gm.read_demand(path)
    assert demand["population"].sum() == source["population"].sum() > 0
    assert demand["id"].tolist() == source["id"].tolist()
    assert demand.geom_type.unique().tolist() == ["Polygon"]
    areas = [abs(GEOD.geometry_area_perimeter(each)[0]) for each in demand.geometry]
    assert areas == pytest.approx([h3.cell_area(each, "m^2") for each in source["id"]], rel=0.005)
    middles = shapely.points(source["lon"], source["lat"])
    assert shapely.contains(demand.geometry.to_numpy(), middles).all()
    # Neighbours share their edges: nothing is counted twice.
    cells = demand.geometry.to_numpy()
    assert shapely.union_all(cells).area == pytest.approx(shapely.area(cells).sum(), rel=1e-9)


def test_cells_of_h3_need_no_coordinates(tmp_path):
    path = tmp_path / "cells.csv"
    path.write_text("h3,population\n89a8100c603ffff,12\n89a8100c617ffff,3\n")
    demand = gm.read_demand(path)
    assert demand.geometry.notna().all()
    assert demand["population"].tolist() == [12, 3]
    report = check(path, table=DEMAND)
    assert (report.outcome, report.needs_location) == ("accepted", 0)
