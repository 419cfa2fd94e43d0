"""Conditions of Baoding's rules that data cannot say."""
