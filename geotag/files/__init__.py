"""Where photographs lie, in folders and in buckets, and how a file is replaced safely."""
