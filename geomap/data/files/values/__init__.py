"""Cells to values: numbers, dates, prices, people, telephone numbers, words of closed lists."""
