"""Jobs: what is done later and by whichever worker is free. `kinds.py` says what a job is, `queue.py` asks for one."""
