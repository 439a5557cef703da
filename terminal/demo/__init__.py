"""`comanda demo`: a whole restaurant on one machine, to try by hand or to check without a screen.

This room starts the cloud as its own process, founds the restaurant of `restaurant.toml`, enrols devices in folders,
and stops all of it again. The till, the kitchen display and the cloud live elsewhere.
"""
