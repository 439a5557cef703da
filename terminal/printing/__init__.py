"""From a document to paper: documents, layout, bytes, a persisted queue and transports. Holds no business rule."""
