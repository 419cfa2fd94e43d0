"""Accountability as pure stages: what a decision may be, who bears which share, and what opens a proposal."""
