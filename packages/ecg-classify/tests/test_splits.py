from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ecg_classify.prepare.splits import stratified_split


def test_every_class_has_its_share_in_every_part() -> None:
    rng = np.random.default_rng(0)
    labels = rng.choice(["MI", "AF", "BBB", "NORM", "OTHER"], 5000, p=[0.2, 0.05, 0.05, 0.4, 0.3])
    parts = np.array(stratified_split([(label,) for label in labels], [str(n) for n in range(5000)], seed=1))
    for label in np.unique(labels):
        of_class = parts[labels == label]
        shares = {part: (of_class == part).mean() for part in ("train", "validation", "test")}
        assert abs(shares["train"] - 0.8) < 0.01
        assert abs(shares["validation"] - 0.1) < 0.01
        assert abs(shares["test"] - 0.1) < 0.01


def test_patients_with_many_recordings_stay_whole_and_classes_keep_their_shares() -> None:
    rng = np.random.default_rng(2)
    patients = [str(patient) for patient in rng.integers(0, 600, 2000)]
    classes = [("AF", "MI") if rng.random() < 0.1 else (str(rng.choice(["MI", "NORM"])),) for _ in patients]
    parts = stratified_split(classes, patients, seed=3)
    assert all(
        len({part for part, owner in zip(parts, patients, strict=True) if owner == each}) == 1 for each in patients
    )
    of_af = Counter(part for part, labels in zip(parts, classes, strict=True) if "AF" in labels)
    assert abs(of_af["test"] / sum(of_af.values()) - 0.1) < 0.03
    assert abs(parts.count("validation") / 2000 - 0.1) < 0.02


@given(
    labels=st.lists(st.sets(st.sampled_from(["MI", "AF", "NORM"]), min_size=1), min_size=3, max_size=40),
    seed=st.integers(0, 2**31),
    data=st.data(),
)
def test_no_group_is_parted_and_no_part_is_empty_where_there_are_three_groups(
    labels: list[set[str]], seed: int, data: st.DataObject
) -> None:
    groups = data.draw(st.lists(st.sampled_from("abcdefgh"), min_size=len(labels), max_size=len(labels)))
    parts = stratified_split([sorted(each) for each in labels], groups, seed=seed)
    assert len(set(zip(groups, parts, strict=True))) == len(set(groups))
    assert len(set(parts)) == min(3, len(set(groups)))
    assert parts == stratified_split([sorted(each) for each in labels], groups, seed=seed)


def test_the_order_of_the_recordings_does_not_matter() -> None:
    names = [f"r{number}" for number in range(200)]
    classes = {name: ("MI" if int(name[1:]) % 3 else "AF",) for name in names}
    forward = dict(zip(names, stratified_split([classes[n] for n in names], names, seed=5), strict=True))
    back = names[::-1]
    assert forward == dict(zip(back, stratified_split([classes[n] for n in back], back, seed=5), strict=True))
    assert forward != dict(zip(names, stratified_split([classes[n] for n in names], names, seed=6), strict=True))
