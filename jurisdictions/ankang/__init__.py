"""Ankang (安康市, 610900): platform oversight, complaints and accountability of the service centre."""
