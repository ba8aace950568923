"""`python -m geotag`, and the `geotag` command."""

from geotag.cli import main

if __name__ == "__main__":
    main()
