"""One reader for each format: bytes to text cells and geometries."""
