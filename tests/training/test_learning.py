"""A tiny network trained on made-up people tells apart made-up people it never saw."""

import resource
from pathlib import Path

import numpy as np
import pytest
import torch

from mousegate.core.manifest import HeadParameters
from mousegate.core.recogniser import Recogniser
from mousegate.core.windows import CHANNELS, PARAMETERS
from mousegate.embedding.manifest import load_cohort, load_manifest
from mousegate.embedding.onnx import OnnxEmbedder
from mousegate.errors import BadInput
from mousegate.training import backend, checkpoint
from mousegate.training.checkpoint import LossNotFiniteError, stop_on_broken_loss
from mousegate.training.datasets import Recording
from mousegate.training.development import DevelopmentSet
from mousegate.training.export import TOLERANCE, export, largest_difference
from mousegate.training.losses import AdditiveMarginSoftmax
from mousegate.training.metrics import equal_error_rate
from mousegate.training.network import Embedder, Ensemble, NetworkShape, Projected
from mousegate.training.protocol import Person
from mousegate.training.sampler import Batch, SamplerParameters, WindowSampler
from mousegate.training.train import Run, TrainingParameters, train_network
from tests.unit.training.synthetic import person_moves

TINY = NetworkShape(widths=(16, 24, 32), recurrent=0, dimensions=16)
QUICK = TrainingParameters(samples=4800, batch=64, check_every=50)
LEARNERS, STRANGERS = range(12), range(100, 108)


def sampler() -> WindowSampler:
    """Return a sampler over made-up people."""
    recordings = [Recording("made", f"made/{p}", "one", person_moves(p, 0)) for p in LEARNERS]
    return WindowSampler(recordings, SamplerParameters(speeds=(1.0,), copies=2))


def strangers() -> list[Person]:
    """Return made-up people nobody trained on."""
    return [Person(f"made/{p}", (person_moves(p, 0),), (person_moves(p, 1, 30.0),)) for p in STRANGERS]


@pytest.mark.filterwarnings("ignore")
def test_tiny_network_beats_chance_on_strangers(tmp_path: Path) -> None:
    """Training, export, heads, calibration and shipping work together, and strangers are told apart."""
    network = train_network(
        sampler(), DevelopmentSet(strangers()), tmp_path, shape=TINY, parameters=QUICK, seed=0
    )
    ensemble = Ensemble([network]).eval()
    digest = export(ensemble, tmp_path / "embedder.onnx")
    manifest = backend.provisional(digest, ensemble.dimensions, HeadParameters())
    embed = OnnxEmbedder(manifest, tmp_path).embed
    known = [Recording("made", f"made/{p}", "one", person_moves(p, 0)) for p in LEARNERS]
    cohort = backend.make_cohort(known, embed)
    measured = backend.measure(strangers(), Recogniser(manifest, embed, lambda: cohort))
    eer = equal_error_rate(measured[1].trials.mated, measured[1].trials.non_mated)
    assert eer < 0.30
    shipped = backend.ship(tmp_path, manifest, cohort)
    assert load_manifest(tmp_path) == shipped
    read = load_cohort(shipped, tmp_path)
    assert (len(read.natural.person), len(read.lock.person)) == (
        len(cohort.natural.person),
        len(cohort.lock.person),
    )


@pytest.mark.filterwarnings("ignore")
def test_onnx_equals_torch(tmp_path: Path) -> None:
    """onnxruntime computes what torch computes, for the shipped kind of network, at any batch size."""
    torch.manual_seed(0)
    members = [Embedder(NetworkShape(widths=(16, 24, 32), recurrent=8, dimensions=16)) for _ in range(2)]
    network = Projected(Ensemble(members), torch.eye(32)[:24]).eval()
    export(network, tmp_path / "model.onnx")
    assert largest_difference(network, tmp_path / "model.onnx", seed=3) <= TOLERANCE


def test_training_resumes_where_it_stopped(tmp_path: Path) -> None:
    """A finished run that is started again takes no further step and returns the same network."""
    parameters = TrainingParameters(samples=640, batch=64, check_every=5)
    watched = DevelopmentSet(strangers()[:3])
    first = train_network(sampler(), watched, tmp_path, shape=TINY, parameters=parameters, seed=0)
    again = train_network(sampler(), watched, tmp_path, shape=TINY, parameters=parameters, seed=0)
    for one, two in zip(first.parameters(), again.parameters(), strict=True):
        torch.testing.assert_close(one, two)
    curve = (tmp_path / "curve.csv").read_text().splitlines()
    assert curve[0] == "step,loss,development_auc"
    assert [line.split(",")[0] for line in curve[1:]] == ["5", "10"]


def test_training_goes_on_from_a_checkpoint(tmp_path: Path) -> None:
    """A run broken off after a checkpoint ends with the very weights of one that was never broken off."""
    parameters = TrainingParameters(samples=640, batch=64, check_every=5)
    watched = DevelopmentSet(strangers()[:3])

    def run(folder: Path) -> Embedder:
        return train_network(sampler(), watched, folder, shape=TINY, parameters=parameters, seed=0)

    (tmp_path / "broken").mkdir()
    (tmp_path / "whole").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Run, "finished", property(lambda self: self.step >= 7))
        run(tmp_path / "broken")
    assert checkpoint.load(tmp_path / "broken" / "checkpoint.pt") is not None
    resumed, whole = run(tmp_path / "broken"), run(tmp_path / "whole")
    for one, two in zip(resumed.parameters(), whole.parameters(), strict=True):
        torch.testing.assert_close(one, two)


def test_diverging_training_stops_with_its_batch(tmp_path: Path) -> None:
    """A learning rate that blows the weights up ends the run with an error that names the saved batch."""
    parameters = TrainingParameters(samples=64_000, batch=64, learning_rate=1e38, gradient_norm=1e38)
    with pytest.raises(LossNotFiniteError, match="Lower the learning rate"):
        train_network(sampler(), DevelopmentSet([]), tmp_path, shape=TINY, parameters=parameters, seed=0)
    assert list(tmp_path.glob("broken-batch-*.npz"))


def test_full_disk_does_not_end_training(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Where no checkpoint can be written, training says so and still returns a network."""
    parameters = TrainingParameters(samples=320, batch=64, check_every=5)
    watched = DevelopmentSet(strangers()[:2])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, hard))
    try:
        train_network(sampler(), watched, tmp_path, shape=TINY, parameters=parameters, seed=0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "free some space" in caplog.text
    assert [path.name for path in tmp_path.iterdir()] == ["curve.csv"]


def test_curve_on_a_full_disk_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """A line of the curve that does not fit costs the line, not the training."""
    checkpoint.add_to_curve(Path("/dev/full"), 5, 1.0, 0.5)
    assert "lacks step 5 (No space left on device)" in caplog.text


def test_nan_loss_stops_with_its_batch_saved(tmp_path: Path) -> None:
    """A loss that is not a number stops training and keeps the batch that did it."""
    batch = Batch(np.ones((2, len(CHANNELS), PARAMETERS.steps), np.float32), np.array([0, 1]))
    stop_on_broken_loss(1.0, batch, 3, tmp_path)
    with pytest.raises(LossNotFiniteError, match="step 4"):
        stop_on_broken_loss(float("nan"), batch, 4, tmp_path)
    np.testing.assert_array_equal(np.load(tmp_path / "broken-batch-4.npz")["values"], batch.values)


def test_full_disk_keeps_the_last_checkpoint(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A checkpoint that does not fit is told, and the one before stays readable."""
    path = tmp_path / "checkpoint.pt"
    assert checkpoint.save(path, {"numbers": [1.0]})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        assert not checkpoint.save(path, {"weights": torch.zeros(100_000)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "free some space" in caplog.text
    assert checkpoint.load(path) == {"numbers": [1.0]}


def test_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    """A checkpoint cut short is refused with what to do about it."""
    path = tmp_path / "checkpoint.pt"
    checkpoint.save(path, {"numbers": [1.0] * 1000})
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(BadInput, match="delete it"):
        checkpoint.load(path)


def test_checkpoint_of_another_recipe_is_refused(tmp_path: Path) -> None:
    """Training does not go on from the checkpoint of a network of another shape."""
    quick = TrainingParameters(samples=64, batch=64, check_every=1)
    train_network(sampler(), DevelopmentSet([]), tmp_path, shape=TINY, parameters=quick, seed=0)
    wider = NetworkShape(widths=(16, 24, 48), recurrent=0, dimensions=16)
    with pytest.raises(BadInput, match="another recipe; delete it"):
        train_network(sampler(), DevelopmentSet([]), tmp_path, shape=wider, parameters=quick, seed=0)


def test_margin_loss_by_hand() -> None:
    """With cosines 1 and 0, scale 2 and margin 0.5 the loss is log(1 + exp(2 (0 - 0.5)))."""
    loss = AdditiveMarginSoftmax(2, 2, scale=2.0, margin=0.5)
    with torch.no_grad():
        loss.weight.copy_(torch.eye(2))
    value = loss(torch.tensor([[1.0, 0.0]]), torch.tensor([0]))
    assert float(value.detach()) == pytest.approx(np.log1p(np.exp(2 * (0 - 0.5))), rel=1e-5)


def test_only_allowed_people_compete() -> None:
    """A person of another data set does not count against a window."""
    loss = AdditiveMarginSoftmax(2, 2, scale=2.0, margin=0.0)
    allowed = torch.tensor([[True, False]])
    value = loss(torch.tensor([[1.0, 0.0]]), torch.tensor([0]), allowed)
    assert float(value.detach()) == pytest.approx(0.0, abs=1e-6)
