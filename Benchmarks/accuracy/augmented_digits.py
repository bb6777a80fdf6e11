"""What made images are worth to a classifier: 100 real digits, against these and what a generator makes of them.

    python augmented_digits.py GRAPHC FOLDER [--seeds N] [--made N] [--steps N]

A seed chooses ten images of each digit of 8×8 pixels; all others test. A conditional DCGAN is trained on the 100,
`graphc augment` makes images of each class, and a classifier is trained twice for as many steps: on the 100 alone,
and on both. All of it by graphc. Prints a table in Markdown. Needs numpy, pillow and safetensors. What is done is not
computed again.
"""

import argparse
import json
import pathlib
import shutil

import numpy
from digits import IMAGES, LABELS, ROOT, idx, run
from PIL import Image
from safetensors.numpy import load_file, save_file

IMAGES_OF_A_DIGIT = 10


def write(folder, images, labels, indices):
    for index in indices:
        place = folder / str(labels[index])
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(images[index]).save(place / f"real-{index:05d}.png")


def accuracy(options, folder, data, seed, pixels, labels):
    """Of a classifier that is trained on a folder of classes."""
    if not folder.exists():
        run(options.graphc, "train", ROOT / "models" / "digits-classifier.yaml", "--out", folder,
            "--set", f"train.data={{folder: {data}, labels: folders}}", "--set", "train.epochs=1000000",
            "--set", "train.sample_every=1000000", "--seed", seed)
    save_file({"picture": pixels}, folder / "test.safetensors")
    run(options.graphc, "apply", folder, "--network", "classifier", "--input", folder / "test.safetensors",
        "--out", folder / "kinds.safetensors", "--force")
    kinds = load_file(folder / "kinds.safetensors")["kinds"].argmax(1)
    return float((kinds == labels).mean())


def measure(options, images, labels, seed):
    folder = pathlib.Path(options.folder) / f"seed-{seed}"
    done = folder / "result.json"
    if done.exists():
        return json.loads(done.read_text())
    random = numpy.random.default_rng(seed)
    chosen = numpy.concatenate(
        [random.permutation(numpy.flatnonzero(labels == digit))[:IMAGES_OF_A_DIGIT] for digit in range(10)])
    tested = numpy.setdiff1d(numpy.arange(len(labels)), chosen)
    if not (folder / "real").exists():
        write(folder / "real", images, labels, chosen)
    if not (folder / "gan").exists():
        run(options.graphc, "train", ROOT / "models" / "conditional-dcgan.yaml", "--out", folder / "gan",
            "--set", f"train.data={{folder: {folder / 'real'}, labels: folders}}", "--set", "train.batch_size=50",
            "--set", "train.epochs=1000000", "--set", f"train.max_steps={options.steps}",
            "--set", "train.augment=[translation]", "--seed", seed)
    if not (folder / "both").exists():
        run(options.graphc, "augment", folder / "gan", "--count", options.made, "--out", folder / "made",
            "--seed", seed)
        shutil.copytree(folder / "real", folder / "both")
        for image in (folder / "made").glob("*/*.png"):
            shutil.copy(image, folder / "both" / image.parent.name / f"made-{image.name}")
    pixels = (images[tested, None] / 127.5 - 1).astype(numpy.float32)
    result = {
        name: accuracy(options, folder / f"classifier-{name}", folder / name, seed, pixels, labels[tested])
        for name in ("real", "both")
    }
    done.write_text(json.dumps(result))
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("graphc")
    parser.add_argument("folder")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--made", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=2000)
    options = parser.parse_args()
    images, labels = idx(IMAGES), idx(LABELS)
    results = [measure(options, images, labels, seed) for seed in range(options.seeds)]
    print("| accuracy, % | " + " | ".join(f"seed {seed}" for seed in range(options.seeds)) + " | mean |")
    print("|---|" + "--:|" * (options.seeds + 1))
    for name, title in (("real", "100 real images"), ("both", f"these and {options.made} made ones")):
        values = numpy.array([result[name] for result in results]) * 100
        print(f"| {title} | " + " | ".join(f"{value:.1f}" for value in values) + f" | {values.mean():.1f} |")
    differences = numpy.array([result["both"] - result["real"] for result in results]) * 100
    error = differences.std(ddof=1) / len(differences) ** 0.5 if len(differences) > 1 else float("nan")
    print(f"\nDifference: {differences.mean():+.1f} ± {error:.1f} (standard error over the seeds)")


if __name__ == "__main__":
    main()
