"""The neural network at run time: the only place that imports onnxruntime."""
