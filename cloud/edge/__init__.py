"""The edge: how requests come in and how refusals go out. Nothing below it knows an HTTP status."""
