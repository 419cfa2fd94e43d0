"""Each tenant's own authorization server (RFC 6749) and the check of the tokens it gives."""
