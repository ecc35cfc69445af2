"""The spaces in which samples are compared with real pictures: pixels, and features of a classifier."""

from __future__ import annotations

from typing import Self

import attrs
import numpy as np

from ecg_diffusion.evaluation.distances import Fidelity
from ecg_diffusion.evaluation.memorisation import Memorisation, most_alike, nearest
from ecg_diffusion.evaluation.pictures import Pictures, class_and_name
from ecg_diffusion.evaluation.results import Likeness, Pair
from ecg_diffusion.evaluation.study import Study


@attrs.frozen(kw_only=True, eq=False)
class Space:
    """Real pictures as points of a space.

    Attributes:
        study: study of the pictures.
        train, test: points of both parts, shape (pictures, values).
        usual: distances of the test pictures to the nearest training picture, shape (pictures,).
    """

    study: Study
    train: np.ndarray
    test: np.ndarray
    usual: np.ndarray

    @classmethod
    def of(cls, study: Study, train: np.ndarray, test: np.ndarray) -> Self:
        """Make the space from the points of both parts."""
        return cls(study=study, train=train, test=test, usual=nearest(test, train).distances)

    def likeness(self, samples: Pictures, points: np.ndarray, *, pairs: int) -> Likeness:
        """Measure how near samples come to training pictures, and name the nearest pairs."""
        found = nearest(points, self.train)
        named = [
            Pair(
                sample=class_and_name(samples.paths[place]),
                nearest=class_and_name(self.study.train.paths[found.places[place]]),
                distance=float(found.distances[place]),
            )
            for place in most_alike(found, pairs)
        ]
        return Likeness(figures=Memorisation.of(found.distances, self.usual), pairs=named)

    def fidelity(self, samples: Pictures, points: np.ndarray) -> tuple[Fidelity, Fidelity]:
        """Measure the distances of samples, and of as many training pictures of each class, from the test pictures."""
        train = self.study.train
        size = int(min(each.counts(len(self.study.labels)).min() for each in (train, samples)))
        made, real = points[_first_of_each(samples, size)], self.train[_first_of_each(train, size)]
        return Fidelity.of(made, self.test), Fidelity.of(real, self.test)


def as_points(pictures: Pictures) -> np.ndarray:
    """Return the pixels of pictures as points, values from 0 to 255."""
    return pictures.pixels.reshape(len(pictures), -1)


def _first_of_each(pictures: Pictures, count: int) -> np.ndarray:
    """Return the places of the first pictures of every class, equally many."""
    return np.concatenate([np.flatnonzero(pictures.targets == label)[:count] for label in np.unique(pictures.targets)])
