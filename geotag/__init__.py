"""geotag puts places on photographs that have none, without harming a single file."""

__version__ = "0.1.0"
