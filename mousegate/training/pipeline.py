"""From raw archives to a shipped model, step by step; every step can be stopped and run again."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from mousegate.core.manifest import Condition, HeadParameters, Manifest, ScoreScale
from mousegate.core.probe import MAX_DIMENSIONS
from mousegate.core.recogniser import Embed, Recogniser
from mousegate.embedding.manifest import MODEL_NAME
from mousegate.embedding.onnx import OnnxEmbedder
from mousegate.errors import BadInput
from mousegate.training import backend, corpus
from mousegate.training.datasets import Recording
from mousegate.training.distribution import Team, team
from mousegate.training.export import export, output_dimensions
from mousegate.training.members import Member, School, train_members
from mousegate.training.metrics import cllr, equal_error_rate
from mousegate.training.network import Ensemble, NetworkShape, Projected
from mousegate.training.protocol import (
    Person,
    disguise,
    is_development,
    is_training,
    on_one_machine,
    people,
)
from mousegate.training.sampler import SamplerParameters, WindowSampler
from mousegate.training.scales import UNCALIBRATED, Measured, calibrated, fit_scale, joined
from mousegate.training.train import TrainingParameters

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
    members: tuple[Member, ...] = (Member(1, Condition.NATURAL), Member(2, Condition.NATURAL))


def train(data: Path, out: Path, work: Path, recipe: Recipe) -> Manifest | None:
    """Train and ship into folder `out`; `work` keeps unpacked data, checkpoints and curves.

    Returns None in processes of torchrun that only helped. Raises BadInput when the data is missing or the
    folders cannot be written.
    """
    with team() as together:
        return _train(data, out, work, recipe, together)


def _train(data: Path, out: Path, work: Path, recipe: Recipe, together: Team) -> Manifest | None:
    _make(out)
    _make(work)
    with together.leader_first():
        found = corpus.load(data, work / "data").recordings
    training = [recording for recording in found if is_training(recording.person)]
    development = people(recording for recording in found if is_development(recording.person))
    LOG.info("%d training recordings, %d development people", len(training), len(development))
    sampler = WindowSampler(training, recipe.sampler)
    school = School(sampler, development, work, recipe.shape, recipe.training)
    members = train_members(school, recipe.members, together)
    if not together.leads:
        return None
    ensemble = fitting(Ensemble(members).eval(), sampler)
    digest = export(ensemble, out / MODEL_NAME)
    manifest = backend.provisional(digest, ensemble.dimensions, recipe.head)
    embed = OnnxEmbedder(manifest, out).embed
    return ship_measured(out, manifest, embed, training, development)


def calibrate(data: Path, out: Path, work: Path, head: HeadParameters) -> Manifest:
    """Measure the network that lies in folder `out` and ship it with cohort and manifest made anew.

    Raises BadInput when the data or the network is missing.
    """
    _make(work)
    found = corpus.load(data, work / "data").recordings
    training = [recording for recording in found if is_training(recording.person)]
    development = people(recording for recording in found if is_development(recording.person))
    try:
        digest = hashlib.sha256((out / MODEL_NAME).read_bytes()).hexdigest()
    except OSError as error:
        raise BadInput(f"{out / MODEL_NAME} cannot be read ({error.strerror}); train first.") from error
    dimensions = output_dimensions(out / MODEL_NAME)
    manifest = backend.provisional(digest, dimensions, head)
    return ship_measured(out, manifest, OnnxEmbedder(manifest, out).embed, training, development)


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


def ship_measured(
    out: Path,
    manifest: Manifest,
    embed: Embed,
    training: Sequence[Recording],
    development: Sequence[Person],
) -> Manifest:
    """Ship the network in `out`: with the cohort of training people, and calibration and operating points of
    both conditions from development people.

    Ordinary use is measured half as recorded, half under altered clocks and screens; the lock on one machine.
    Without development people the scores stay raw.
    """
    cohort = backend.make_cohort(training, embed)
    if len(development) < 2:
        LOG.warning("fewer than two development people: scores stay uncalibrated and no threshold is set")
        return backend.ship(out, manifest, cohort)
    recogniser = Recogniser(manifest, embed, lambda: cohort)
    other = [disguise(person, DISGUISE_SEED) for person in development]
    natural = joined([backend.measure(group, recogniser) for group in (development, other)])
    shared = [on_one_machine(person, DISGUISE_SEED) for person in development]
    lock = backend.measure_lock(shared, recogniser)
    scales = [_fitted(measured, name) for measured, name in ((natural, "ordinary use"), (lock, "lock"))]
    return backend.ship(out, replace(manifest, natural=scales[0], lock=scales[1]), cohort)


def _fitted(measured: Sequence[Measured], name: str) -> ScoreScale:
    usable = [one for one in measured if len(one.trials.mated) and len(one.trials.non_mated)]
    if not usable:
        LOG.warning("%s: nothing to compare, so its scores stay raw", name)
        return UNCALIBRATED
    scale = fit_scale(usable)
    for one in calibrated(usable, scale):
        mated, non_mated = one.trials.mated, one.trials.non_mated
        rates = (100 * equal_error_rate(mated, non_mated), cllr(mated, non_mated))
        LOG.info("development, %s, %g s: EER %.1f %%, Cllr %.2f", name, one.duration_s, *rates)
    return scale


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{folder} cannot be made ({error.strerror}); name another folder.") from error
