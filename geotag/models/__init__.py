"""The models at hand: where they lie, how they are fetched, looked at, wrapped, added and found."""
