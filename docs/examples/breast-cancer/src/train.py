# SPDX-License-Identifier: Apache-2.0
"""Trains a gradient-boosted classifier."""

import argparse
from pathlib import Path

import xgboost

import tables


def fit(options, features, labels, names):
    settings = {
        "objective": "binary:logistic",
        "tree_method": "exact",
        # More threads would add numbers in another order and so give other bytes.
        "nthread": 1,
        "seed": options.seed,
        "learning_rate": options.learning_rate,
        "max_depth": options.max_depth,
        "min_child_weight": options.min_child_weight,
        "subsample": options.subsample,
    }
    matrix = xgboost.DMatrix(features, label=labels, feature_names=names)
    return xgboost.train(settings, matrix, num_boost_round=options.rounds)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--learning_rate", type=float, required=True)
    parser.add_argument("--max_depth", type=int, required=True)
    parser.add_argument("--min_child_weight", type=float, required=True)
    parser.add_argument("--subsample", type=float, required=True)
    options = parser.parse_args()

    names, features, labels = tables.read_labelled("data/train.csv")
    model = fit(options, features, labels, names)
    Path("model").mkdir(exist_ok=True)
    model.save_model("model/model.json")


if __name__ == "__main__":
    main()
