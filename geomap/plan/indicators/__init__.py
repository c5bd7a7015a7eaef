"""Indicators: one row per area, each with its formula, its source, its base and what is unknown."""
