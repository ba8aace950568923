"""What a person types: commands that parse, call and render, and the handbook that help reads from."""
