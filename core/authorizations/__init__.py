"""What people allow clients: authorizations, and the codes and tokens that each family of tokens is handed on by."""
