"""Ganzhou (赣州市, 360700): oversight and accountability of the 12345 hotline."""
