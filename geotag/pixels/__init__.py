"""What `decode` stands on where Pillow alone will not do: scans, camera raw, what is too large."""
