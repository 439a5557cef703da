"""The dialogs that every screen asks with: pick one of some rows, enter an amount, fill in a few fields.

A screen describes its question (`questions.py`) and says what to do with the answer: `host.ask(question, taken)`.
"""
