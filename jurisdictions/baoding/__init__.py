"""Baoding (保定市, 130600): accountability, assessment, social evaluation and tip-offs in open government."""
