"""Trained networks that come with the package, as ONNX and as safetensors, each with its model card beside it."""
