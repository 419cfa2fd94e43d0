"""The shared core of wenze: cases, deadlines, sanctions. Knows no city and no HTTP."""
