"""Where rows are: coordinates, outlines, coordinate systems, districts, addresses."""
