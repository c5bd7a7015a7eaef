"""Population on grids: GeoTIFF, squares around points, H3 cells.

``geotiff`` reads a raster where files that others made are read; ``cells`` draws squares and
H3 cells for rows that were read from tables. :mod:`geomap.data.grids` is what others call.
"""
