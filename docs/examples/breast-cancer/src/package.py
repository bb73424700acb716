# SPDX-License-Identifier: Apache-2.0
"""Writes golden requests, sample traffic, the reference sample and the calibration sample."""

import argparse
import json
from pathlib import Path

import numpy
import xgboost

import tables

# The rows of the one golden request that asks for several at once.
BATCH = 4


def tensor(name, values):
    values = numpy.asarray(values, dtype=float)
    return {"name": name, "shape": list(values.shape), "datatype": "FP32", "data": values.ravel().tolist()}


def request(identifier, rows):
    """The body of an Open Inference Protocol V2 request."""
    return {"id": identifier, "inputs": [tensor("input", rows)]}


def golden(identifier, rows, predict):
    return {
        "request": request(identifier, rows),
        "response": {"id": identifier, "outputs": [tensor("predict", predict(rows))]},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--golden", type=int, required=True)
    parser.add_argument("--tolerance", type=float, required=True)
    options = parser.parse_args()

    names, features, _ = tables.read_labelled("data/test.csv")
    model = xgboost.Booster(params={"nthread": 1}, model_file="model/model.json")

    def predict(rows):
        return model.predict(xgboost.DMatrix(rows, feature_names=names)).astype(float)

    singles = [features[index : index + 1] for index in range(options.golden - 1)]
    cases = [golden(f"golden-{index}", rows, predict) for index, rows in enumerate(singles + [features[-BATCH:]])]
    Path("serving").mkdir(exist_ok=True)
    text = json.dumps({"tolerance": options.tolerance, "cases": cases}, indent=1)
    Path("serving/golden.json").write_text(text + "\n", encoding="utf-8")

    bodies = [json.dumps(request(f"test-{index}", features[index : index + 1])) for index in range(len(features))]
    Path("serving/requests.jsonl").write_text("\n".join(bodies) + "\n", encoding="utf-8")

    # Predictions on rows that the model was trained on are too sure of themselves to compare live ones with.
    _, features, labels = tables.read_labelled("data/validation.csv")
    predictions = predict(features)
    tables.write("serving/reference.csv", names + ["prediction"], numpy.column_stack([features, predictions]))
    tables.write("serving/calibration.csv", ["prediction", "label"], numpy.column_stack([predictions, labels]))


if __name__ == "__main__":
    main()
