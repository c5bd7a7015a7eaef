"""Scenarios: named lists of changes to the facilities that stand, and what they would do."""
