"""The training side of geotag: photographs with GPS in, a model file by the contract out.

Run from a checkout (`python -m export.train`), never installed. Torch and ONNX live only here.
"""
