"""A scale on a serial line: its protocols (`frames.py`), its port (`port.py`), and what it says now (`scale.py`)."""
