"""What things are: tables and their fields, coordinate systems, datums. Pure: no files, no web."""
