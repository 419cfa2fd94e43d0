"""Calendar feeds: a unit's open deadlines for the calendar of whoever works there (RFC 5545)."""
