"""Jincheng (晋城市, 140500): accountability, incentive points, inspector pools and rapid disposal in inspection."""
