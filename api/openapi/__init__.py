"""The OpenAPI document of each city, made from the operations and the city's rules."""
