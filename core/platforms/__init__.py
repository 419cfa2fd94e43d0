"""Platforms that act for their own operators: who those are, by which keys they are vouched for, and their ids of cases."""
