#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the inputs of the quick project from the lane tests' regression model and what Python predicts with it."""
import json
import pathlib
import shutil

here = pathlib.Path(__file__).parent
lane = here.parent / "lane"
inputs = here / "inputs"
names = ["sepal_length", "sepal_width", "petal_length"]


def tensor(name, rows):
    flat = [value for row in rows for value in row]
    shape = [len(rows), len(rows[0])] if len(rows[0]) > 1 else [len(rows)]
    return {"name": name, "shape": shape, "datatype": "FP32", "data": flat}


expected = json.loads((lane / "regression.expected.json").read_text())
pairs = [
    (row, prediction)
    for row, prediction in zip(expected["inputs"], expected["predictions"])
    if None not in row
]
rows = [row for row, _ in pairs]
predictions = [[prediction] for _, prediction in pairs]
cases = [
    {
        "request": {"id": f"golden-{i}", "inputs": [tensor("features", [row])]},
        "response": {"id": f"golden-{i}", "outputs": [tensor("predict", [prediction])]},
    }
    for i, (row, prediction) in enumerate(zip(rows, predictions))
]
(inputs / "golden.json").write_text(json.dumps({"cases": cases}, indent=1) + "\n")
bodies = [json.dumps({"id": f"r{i}", "inputs": [tensor("features", [row])]}) for i, row in enumerate(rows)]
(inputs / "requests.jsonl").write_text("\n".join(bodies) + "\n")
lines = [",".join(names + ["prediction"])]
lines += [",".join(map(repr, row + prediction)) for row, prediction in zip(rows, predictions)]
(inputs / "reference.csv").write_text("\n".join(lines) + "\n")
(inputs / "metrics.json").write_text(json.dumps({"accuracy": 0.95}) + "\n")
shutil.copy(lane / "regression.json", inputs / "model.json")
