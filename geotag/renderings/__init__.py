"""What goes out to people and programs: manifests, map, exports, plots; and the decisions that come back."""
