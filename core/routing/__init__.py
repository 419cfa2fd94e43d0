"""Routing (派单): which unit is proposed for an order, and why. The dispatcher decides."""
