"""Widgets that draw plain values line by line. They know no store, no rule and no sentence."""
