"""Search code for weak places with rules that are content. Runs in a process of its own, see worker.py."""
