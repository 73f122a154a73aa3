"""From raw archives to a shipped model, step by step; every step can be stopped and run again."""

import logging
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from mousegate.core.manifest import Cohort, HeadParameters, Manifest
from mousegate.core.probe import MAX_DIMENSIONS
from mousegate.core.windows import movement_alone
from mousegate.embedding.manifest import MODEL_NAME, MOVEMENT_NAME
from mousegate.embedding.onnx import OnnxEmbedder
from mousegate.errors import BadInput
from mousegate.training import backend, corpus
from mousegate.training.datasets import Recording
from mousegate.training.development import DevelopmentSet
from mousegate.training.export import export
from mousegate.training.metrics import cllr, equal_error_rate
from mousegate.training.network import Embedder, Ensemble, NetworkShape, Projected
from mousegate.training.protocol import Person, disguise, is_development, is_training, people
from mousegate.training.sampler import SamplerParameters, WindowSampler
from mousegate.training.train import TrainingParameters, train_network

LOG = logging.getLogger(__name__)
DISGUISE_SEED = 1
PROJECTION_SEED = 5


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that makes the shipped model what it is, given the data."""

    shape: NetworkShape = field(default_factory=NetworkShape)
    sampler: SamplerParameters = field(default_factory=SamplerParameters)
    training: TrainingParameters = field(default_factory=TrainingParameters)
    head: HeadParameters = field(default_factory=HeadParameters)
    seeds: tuple[int, ...] = (1, 2)


def train(data: Path, out: Path, work: Path, recipe: Recipe) -> Manifest:
    """Train and ship into folder `out`; `work` keeps unpacked data, checkpoints and curves.

    Raises BadInput when the data is missing or the folders cannot be written.
    """
    _make(out)
    _make(work)
    found = corpus.load(data, work / "data").recordings
    training = [recording for recording in found if is_training(recording.person)]
    development = people(recording for recording in found if is_development(recording.person))
    LOG.info("%d training recordings, %d development people", len(training), len(development))
    sampler = WindowSampler(training, recipe.sampler)
    ensemble = fitting(Ensemble(_members(sampler, development, work, recipe)).eval(), sampler)
    digest = export(ensemble, out / MODEL_NAME)
    manifest = backend.provisional(digest, ensemble.dimensions, recipe.head)
    embed = OnnxEmbedder(manifest, out).embed
    _ship_movement(out, manifest, training, development, embed)
    cohort = backend.make_cohort(training, embed)
    return backend.ship(out, measured_manifest(manifest, development, embed, cohort), cohort)


def _ship_movement(
    out: Path, manifest: Manifest, training: list[Recording], development: list[Person], embed: backend.Embed
) -> Manifest:
    """Ship manifest and cohort of movement without buttons, for the references that are stored."""
    directory = out / MOVEMENT_NAME
    _make(directory)
    cohort = backend.make_cohort([replace(one, events=movement_alone(one.events)) for one in training], embed)
    bare = [
        replace(
            one,
            enrol=tuple(movement_alone(events) for events in one.enrol),
            probes=tuple(movement_alone(events) for events in one.probes),
        )
        for one in development
    ]
    measured = measured_manifest(manifest, bare, embed, cohort)
    return backend.ship(directory, measured, cohort, model=out)


@torch.no_grad()
def fitting(ensemble: Ensemble, sampler: WindowSampler, windows: int = 8000) -> Ensemble | Projected:
    """Return the ensemble, projected onto its MAX_DIMENSIONS main directions where no probe could carry it.

    Principal components (Pearson 1901) of the embeddings of random training windows.
    """
    if ensemble.dimensions <= MAX_DIMENSIONS:
        return ensemble
    rng = np.random.default_rng(PROJECTION_SEED)
    batches = [torch.from_numpy(sampler.draw(200, rng).values) for _ in range(windows // 200)]
    embedded = torch.cat([ensemble(batch) for batch in batches]).double()
    _, directions = torch.linalg.eigh(torch.cov(embedded.T))
    basis = directions.flip(1)[:, :MAX_DIMENSIONS].T.float().contiguous()
    return Projected(ensemble, basis).eval()


def _members(sampler: WindowSampler, development: list[Person], work: Path, recipe: Recipe) -> list[Embedder]:
    watched = DevelopmentSet(development)
    members = []
    for seed in recipe.seeds:
        directory = work / f"seed-{seed}"
        _make(directory)
        parameters = recipe.training
        members.append(
            train_network(sampler, watched, directory, shape=recipe.shape, parameters=parameters, seed=seed)
        )
    return members


def measured_manifest(
    manifest: Manifest, development: list[Person], embed: backend.Embed, cohort: Cohort
) -> Manifest:
    """Return the manifest with calibration and operating points from development people.

    Half of the trials are as recorded, half under altered clocks and screens. Without development people the
    scores stay raw.
    """
    if len(development) < 2:
        LOG.warning("fewer than two development people: scores stay uncalibrated and no threshold is set")
        return manifest
    other = [disguise(person, DISGUISE_SEED) for person in development]
    measured = backend.joined(
        [backend.measure(group, embed, manifest, cohort) for group in (development, other)]
    )
    manifest = replace(manifest, calibration=backend.fit_calibration(measured))
    calibrated = backend.calibrated(measured, manifest)
    for one in calibrated:
        mated, non_mated = one.trials.mated, one.trials.non_mated
        rates = (100 * equal_error_rate(mated, non_mated), cllr(mated, non_mated))
        LOG.info("development, %g s: EER %.1f %%, Cllr %.2f", one.duration_s, *rates)
    return replace(manifest, operating_points=backend.operating_points(calibrated))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{folder} cannot be made ({error.strerror}); name another folder.") from error
