"""What the commands do, from the first stage to the last; `pipeline` beside it is the run itself."""
