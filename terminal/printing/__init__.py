"""Prints documents: documents, layout, bytes, a persisted queue and transports. Holds no business rule."""
