"""What the probe's thread loads after the window is there: manifest and network."""

from mousegate.core.motion import MeanProbe, mean_probe
from mousegate.core.windows import Windows
from mousegate.greeter.probe import Model


def load_model() -> Model:
    """Load and check manifest and network. Raises ModelError, with what to do, when either is not right."""
    from mousegate.embedding.manifest import load_manifest
    from mousegate.embedding.onnx import OnnxEmbedder

    manifest = load_manifest()
    embedder = OnnxEmbedder(manifest)

    def embed(windows: Windows) -> MeanProbe:
        return mean_probe(embedder.embed(windows.values), windows)

    # Who is asked for more is asked for as much as the model's error rates were measured with.
    return Model(manifest.model_id, embed, max(manifest.head.least_probe_s, manifest.lock.shortest_s))
