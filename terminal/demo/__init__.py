"""`comanda demo`: a whole restaurant on one machine, to be tried by hand or checked without a screen.

What lives here starts the cloud as a process of its own, founds the restaurant of `restaurant.toml`, enrols devices in
folders, and stops all of it again. What does not: the till, the kitchen display and the cloud themselves.
"""
