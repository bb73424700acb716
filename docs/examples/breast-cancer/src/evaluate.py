# SPDX-License-Identifier: Apache-2.0
"""Measures the model on rows it has not seen."""

import argparse
import json
from pathlib import Path

import xgboost
from sklearn import metrics

import tables


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threshold", type=float, required=True)
    options = parser.parse_args()

    names, features, labels = tables.read_labelled("data/test.csv")
    model = xgboost.Booster(params={"nthread": 1}, model_file="model/model.json")
    scores = model.predict(xgboost.DMatrix(features, feature_names=names)).astype(float)
    measured = {
        "accuracy": metrics.accuracy_score(labels, scores >= options.threshold),
        "auc": metrics.roc_auc_score(labels, scores),
        "brier": metrics.brier_score_loss(labels, scores),
        "log_loss": metrics.log_loss(labels, scores),
    }
    Path("metrics").mkdir(exist_ok=True)
    # Six digits are more than this many rows can tell apart.
    text = json.dumps({name: round(float(value), 6) for name, value in measured.items()}, indent=2)
    Path("metrics/metrics.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
