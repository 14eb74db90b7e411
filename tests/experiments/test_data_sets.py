"""Digits, folders of images as they come, arrays: read right, split right, and one clear error for every bad one."""

import sys

import numpy as np
import pytest
import torch

from geomcheck.errors import GeomcheckError, InputError
from geomcheck.experiments.data_sets import Samples, halves, read_samples


def test_the_digits():
    samples = read_samples("digits")
    assert samples.images.shape == (1797, 1, 8, 8)
    assert (samples.images.min(), samples.images.max()) == (0, 1)
    assert samples.names == tuple("0123456789")


def toy(count=200, classes=4):
    rng = np.random.default_rng(0)
    return Samples(
        "toy", rng.random((count, 2, 3, 3), dtype=np.float32), np.arange(count) % classes, tuple("abcd"[:classes])
    )


@pytest.mark.parametrize("division", ["even", "skewed"])
def test_halves_are_disjoint_and_complete(division):
    samples = toy()
    cut = halves(samples, 3, division)
    assert (len(cut.first), len(cut.second), len(cut.test)) == (75, 75, 50)
    rows = [{tuple(row.flatten().tolist()) for row in part.inputs[0]} for part in (cut.first, cut.second, cut.test)]
    assert len(rows[0] | rows[1] | rows[2]) == 200
    assert torch.equal(cut.whole.inputs[0], torch.cat([cut.first.inputs[0], cut.second.inputs[0]]))
    assert torch.equal(cut.whole.targets, torch.cat([cut.first.targets, cut.second.targets]))
    flat = cut.whole.inputs[0].double()
    assert torch.allclose(flat.mean((0, 2, 3)), torch.zeros(2, dtype=torch.float64), atol=1e-6)
    assert torch.allclose(flat.std((0, 2, 3), correction=0), torch.ones(2, dtype=torch.float64), atol=1e-5)
    again, other = halves(samples, 3, division), halves(samples, 4, division)
    assert torch.equal(cut.first.inputs[0], again.first.inputs[0])
    assert not torch.equal(cut.first.inputs[0], other.first.inputs[0])


def test_skewed_halves_have_most_of_their_own_classes():
    cut = halves(toy(4000), 0, "skewed")
    low = [float((part.targets < 2).double().mean()) for part in (cut.first, cut.second)]
    assert low[0] == pytest.approx(0.8, abs=0.03)
    assert low[1] == pytest.approx(0.2, abs=0.03)
    even = halves(toy(4000), 0, "even")
    assert float((even.first.targets < 2).double().mean()) == pytest.approx(0.5, abs=0.04)


def test_a_test_set_that_is_given_is_kept():
    samples = Samples("x", toy().images, toy().classes, tuple("abcd"), test=30)
    first, second = (halves(samples, seed, "even").test for seed in (0, 1))
    assert torch.equal(first.targets, torch.from_numpy(samples.classes[-30:]))
    assert torch.equal(first.targets, second.targets)


def draw(path, colour, size=(6, 4)):
    Image = pytest.importorskip("PIL.Image")
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB" if isinstance(colour, tuple) else "L", size, colour).save(path)


def folder(root, classes=("ant", "bee"), count=10, colour=(255, 0, 0), size=(6, 4)):
    for k, name in enumerate(classes):
        for number in range(count):
            draw(root / name / f"{number:02d}.png", colour if isinstance(colour, int) else (colour[0], 10 * k, 0), size)
    return root


def test_a_folder_of_classes(tmp_path):
    samples = read_samples(str(folder(tmp_path / "insects")))
    assert (samples.name, samples.names, samples.test) == ("insects", ("ant", "bee"), 0)
    assert samples.images.shape == (20, 3, 4, 6)
    assert samples.classes.tolist() == [0] * 10 + [1] * 10
    assert samples.images[-1, :, 0, 0] == pytest.approx([1, 10 / 255, 0])
    assert read_samples(str(tmp_path / "insects"), size=5).images.shape == (20, 3, 5, 5)


def test_a_folder_with_training_and_test_images(tmp_path):
    folder(tmp_path / "train", count=9)
    folder(tmp_path / "test", count=2, colour=(0, 0, 0))
    samples = read_samples(tmp_path)
    assert (len(samples.images), samples.test) == (22, 4)
    assert samples.classes[-4:].tolist() == [0, 0, 1, 1]
    assert samples.images[-4:, 0].max() == 0
    assert samples.images[:-4, 0].min() == 1


def test_fewer_samples_of_every_class(tmp_path):
    folder(tmp_path / "train", count=9)
    folder(tmp_path / "test", count=10, colour=(0, 0, 0))
    samples = read_samples(tmp_path, per_class=8)
    assert (np.bincount(samples.classes[:16]).tolist(), samples.test) == ([8, 8], 16)
    few, all_of_them = read_samples("digits", per_class=4), read_samples("digits")
    assert np.bincount(few.classes).tolist() == [4] * 10
    assert {row.tobytes() for row in few.images} <= {row.tobytes() for row in all_of_them.images}
    assert few.digest == read_samples("digits", per_class=4).digest
    with pytest.raises(InputError, match="per_class"):
        read_samples("digits", per_class=0)


def test_grey_images_have_one_channel_unless_some_are_coloured(tmp_path):
    grey = folder(tmp_path / "grey", colour=51)
    assert read_samples(grey).images.shape == (20, 1, 4, 6)
    assert read_samples(grey).images.max() == pytest.approx(0.2)
    draw(grey / "bee" / "more.jpg", (255, 255, 255))
    assert read_samples(grey).images.shape == (21, 3, 4, 6)


def test_arrays_and_files(tmp_path):
    x, y = np.random.default_rng(0).random((20, 5)), np.arange(20) % 3
    assert read_samples((x, y)).images.shape == (20, 1, 1, 5)
    assert read_samples((x.reshape(20, 5, 1), y)).images.shape == (20, 1, 5, 1)
    np.savez(tmp_path / "data.npz", x=x, y=y)
    samples = read_samples(tmp_path / "data.npz")
    assert (samples.name, samples.names) == ("data.npz", ("0", "1", "2"))
    assert samples.digest == read_samples(str(tmp_path / "data.npz")).digest
    assert samples.digest != read_samples((x, (y + 1) % 3)).digest


def nothing_inside(root):
    root.mkdir()
    return root


def one_class(root):
    return folder(root, classes=("ant",))


def several_sizes(root):
    folder(root)
    draw(root / "bee" / "99.png", (0, 0, 0), (5, 4))
    return root


def not_an_image(root):
    folder(root)
    (root / "bee" / "99.png").write_bytes(b"hello")
    return root


def cut_short(root):
    folder(root)
    whole = (root / "bee" / "00.png").read_bytes()
    (root / "bee" / "99.png").write_bytes(whole[: len(whole) // 2])
    return root


def class_of_the_test_only(root):
    folder(root / "train")
    folder(root / "test", classes=("ant", "wasp"))
    return root


def too_few(root):
    return folder(root, count=2)


BAD_FOLDERS = {
    nothing_inside: "subfolder",
    one_class: "at least 2 classes",
    several_sizes: "--size",
    not_an_image: "99.png",
    cut_short: "99.png",
    class_of_the_test_only: "wasp",
    too_few: "4 samples",
}


@pytest.mark.parametrize("make", BAD_FOLDERS, ids=lambda make: make.__name__)
def test_a_bad_folder(tmp_path, make):
    with pytest.raises(GeomcheckError, match=BAD_FOLDERS[make]) as caught:
        read_samples(make(tmp_path / "images"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ("no-such-thing", "no-such-thing"),
        ((np.zeros((20, 4)), np.zeros(20)), "class number"),
        ((np.zeros((20, 4)), np.zeros(20, dtype=int)), "classes"),
        ((np.zeros((20, 1, 2, 2, 2)), np.arange(20) % 2), "shape"),
        ((np.zeros((20, 4)), np.arange(20) - 10), "from 0"),
        ((np.full((20, 4), np.nan), np.arange(20) % 2), "NaN"),
        (np.zeros((20, 4)), "class number"),
        (3, "data"),
    ],
)
def test_bad_data(data, word):
    with pytest.raises(InputError, match=word):
        read_samples(data)


def test_what_is_not_installed_is_named(monkeypatch, tmp_path):
    folder(tmp_path / "images")
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(InputError, match="scikit-learn"):
        read_samples("digits")
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(InputError, match=r"geomcheck\[experiments\]"):
        read_samples(tmp_path / "images")
