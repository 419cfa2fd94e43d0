"""Recounts: what a change of the calendar makes of deadlines that are open (promise 2). What they were is kept."""
