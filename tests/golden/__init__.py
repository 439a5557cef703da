"""Golden logs: what a released program left in logs, which every later program must fold into the same rows."""
