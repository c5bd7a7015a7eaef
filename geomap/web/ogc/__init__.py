"""OGC API Features, parts 1 and 2: facilities, areas and gaps for the GIS desktop."""
