"""Widgets drawn line by line and fed with plain values. They know no store, no rule and no sentence of their own."""
