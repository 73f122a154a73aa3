"""A quick, steady measure on development people, to watch training by."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from mousegate.core.manifest import Condition
from mousegate.core.recogniser import kept_events
from mousegate.core.windows import extract, merge
from mousegate.training.metrics import area_under_curve
from mousegate.training.protocol import Person, disguise, probe_starts, stretch

DURATION_S = 10.0
PROBES = 8


class DevelopmentSet:
    """Windows of development people under other clocks and screens, cut once."""

    def __init__(
        self, people: Sequence[Person], condition: Condition = Condition.NATURAL, seed: int = 1
    ) -> None:
        """Cut the windows of enrolment and of probes of DURATION_S of every person."""
        self._enrol, self._probes, self._owner = [], [], []
        for number, person in enumerate(disguise(person, seed) for person in people):
            self._enrol.append(
                merge([extract(kept_events(events, condition)) for events in person.enrol]).values
            )
            most = max(1, PROBES // max(1, len(person.probes)))
            for events in person.probes:
                for start_s in probe_starts(events, DURATION_S, most):
                    windows = extract(kept_events(stretch(events, start_s, DURATION_S), condition))
                    if len(windows):
                        self._probes.append(windows.values)
                        self._owner.append(number)

    @torch.no_grad()
    def area_under_curve(self, network: nn.Module) -> float:
        """Return the AUC of cosines of mean embeddings; 0.5 is chance and also stands for having nobody to
        compare.
        """
        network.eval()
        device = next(network.parameters()).device

        def mean(values: np.ndarray) -> np.ndarray:
            embedded = network(torch.from_numpy(values).to(device)).mean(dim=0)
            return np.asarray(nn.functional.normalize(embedded, dim=0).cpu().numpy(), np.float64)

        if not self._probes or len(self._enrol) < 2:
            return 0.5
        references = np.stack([mean(values) for values in self._enrol])
        scores = np.stack([mean(values) for values in self._probes]) @ references.T
        own = np.array(self._owner)[:, None] == np.arange(len(references))[None]
        return area_under_curve(scores[own], scores[~own])
