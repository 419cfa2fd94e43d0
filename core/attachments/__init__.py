"""Attachments: streamed in, checked by content, sealed, kept in an object store, told by short-lived links."""
