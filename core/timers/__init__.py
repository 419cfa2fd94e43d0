"""Timers: what is to be done later, each done once by any number of workers. Durable, taken with a lease and a fence."""
