"""What regulations are made of: citations, instruments, terms, the loader and the working-day calendar."""
