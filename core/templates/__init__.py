"""Templates (模板) of replies and notices: a tenant's own wording, filled with what a case holds."""
