"""Columns: what offices call them, which field each of them is."""
