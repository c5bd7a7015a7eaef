"""For families: the nearest facilities, selection, text and place names. Pure: frames in."""
