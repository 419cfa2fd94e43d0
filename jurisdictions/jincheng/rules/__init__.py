"""Conditions of Jincheng's rules that data cannot say."""
