"""One folder a screen: `screen.py` is glue, `view.py` turns snapshots of the desk into what widgets show.

Screens hold no business state and know no rule: they read the desk, send it commands and say what it answers.
"""
