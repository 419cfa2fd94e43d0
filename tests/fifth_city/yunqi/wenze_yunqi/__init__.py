"""Yunqi (云栖), a city that does not exist: its rules on hazards in the road, which no other city has."""
