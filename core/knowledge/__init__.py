"""The knowledge base (知识库): answers that units keep, and that a hotline's operators find and tell."""
