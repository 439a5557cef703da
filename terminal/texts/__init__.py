"""What the terminal says to people, in Spanish (`es.toml`) and English (`en.toml`); every key is in both.

`action.*` are titles on key bars, `help.*` what an action does, `help_typing.*` what can be typed (`typed | meaning`).
"""
