"""The run's memory: the journal, and the index of alike pictures."""
