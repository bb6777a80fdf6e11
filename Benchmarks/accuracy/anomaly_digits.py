"""One digit abnormal, the nine others normal: the area under the ROC curve of `graphc anomaly`, beside its baselines.

    python anomaly_digits.py GRAPHC FOLDER [--images IDX --labels IDX] [--model YAML] [--epochs N] [--digits 0,1,…]

Without --images the digits of 8×8 pixels are taken, as scikit-learn has them in another scale. Of the normal images
80 % train, 10 % calibrate, and 10 % are tested together with all of the abnormal digit: one draw, --seed. Prints a
table in Markdown. Needs numpy and pillow. A digit that is done is not computed again.
"""

import argparse
import json
import pathlib
import re

import numpy
from digits import IMAGES, LABELS, ROOT, idx, run
from PIL import Image


def write(folder, images, indices):
    folder.mkdir(parents=True, exist_ok=True)
    for index in indices:
        Image.fromarray(images[index]).save(folder / f"{index:05d}.png")


def measure(options, images, labels, digit):
    """(AUROC, average precision) by the method's name."""
    folder = pathlib.Path(options.folder) / f"digit-{digit}"
    done = folder / "result.json"
    if done.exists():
        return json.loads(done.read_text())
    random = numpy.random.default_rng(options.seed)
    normal = random.permutation(numpy.flatnonzero(labels != digit))
    first, second = int(len(normal) * 0.8), int(len(normal) * 0.9)
    if not folder.exists():
        write(folder / "train", images, normal[:first])
        write(folder / "held", images, normal[first:second])
        write(folder / "normal", images, normal[second:])
        write(folder / "abnormal", images, numpy.flatnonzero(labels == digit))
    if not (folder / "run").exists():
        run(options.graphc, "train", options.model, "--out", folder / "run", "--set",
            f"train.data={{folder: {folder / 'train'}}}", "--set", f"train.epochs={options.epochs}", "--seed", options.seed)
    flags = ["--relative"] if options.relative else []
    run(options.graphc, "anomaly", "fit", folder / "run", "--normal", folder / "held", "--force",
        "--output", folder / "detector.safetensors", "--steps", options.steps, *flags)
    messages = run(
        options.graphc, "anomaly", "score", folder / "run", "--detector", folder / "detector.safetensors", "--force",
        "--normal", folder / "normal", "--abnormal", folder / "abnormal", "--output", folder / "scores.jsonl")
    result = {
        name.strip(): [float(area), float(precision)]
        for name, area, precision in re.findall(r"^(\S.*?) {2,}([01]\.\d{4}) {2,}([01]\.\d{4})$", messages, re.MULTILINE)
    }
    done.write_text(json.dumps(result))
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("graphc")
    parser.add_argument("folder")
    parser.add_argument("--images", default=IMAGES)
    parser.add_argument("--labels", default=LABELS)
    parser.add_argument("--model", default=ROOT / "models" / "dcgan-digits.yaml")
    parser.add_argument("--epochs", type=int, default=150)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--digits", default="0,1,2,3,4,5,6,7,8,9")
    parser.add_argument("--relative", action="store_true")
    options = parser.parse_args()
    images, labels = idx(options.images), idx(options.labels)
    digits = [int(digit) for digit in options.digits.split(",")]
    results = {digit: measure(options, images, labels, digit) for digit in digits}
    print("| AUROC | " + " | ".join(map(str, digits)) + " | mean |")
    print("|---|" + "---|" * (len(digits) + 1))
    for name in next(iter(results.values())):
        values = [results[digit][name][0] for digit in digits]
        print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in values) + f" | {numpy.mean(values):.3f} |")


if __name__ == "__main__":
    main()
