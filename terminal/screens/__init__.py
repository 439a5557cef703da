"""One folder a screen: `screen.py` is glue, `view.py` turns snapshots of the desk into what widgets show.

Screens hold no business state and know no rule: they read the desk, run its commands and show the results. A screen
opens another one by its name and a request (`requests.py`), and never imports it.
"""
