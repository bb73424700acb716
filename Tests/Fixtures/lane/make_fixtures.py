#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the small models of the lane tests and writes what Python's xgboost predicts with them.

Run with Debian 12's python3-xgboost (1.7.4) and python3-sklearn; the tests themselves need no Python.
"""
import json
import pathlib

import numpy
import xgboost
from sklearn.datasets import load_breast_cancer, load_iris

here = pathlib.Path(__file__).parent


def rows(features):
    """Rows as JSON: a missing value is null."""
    return [[None if numpy.isnan(value) else float(value) for value in row] for row in features]


def write(name, booster, features):
    features = numpy.asarray(features, dtype=numpy.float32)
    predictions = booster.predict(xgboost.DMatrix(features, missing=numpy.nan, nthread=1))
    booster.save_model(here / f"{name}.json")
    booster.save_model(here / f"{name}.ubj")
    expected = {"inputs": rows(features), "predictions": predictions.astype(float).tolist()}
    (here / f"{name}.expected.json").write_text(json.dumps(expected) + "\n")


def sample(features, count, missing):
    chosen = features[:: max(1, len(features) // count)][:count].astype(numpy.float32)
    for index in range(missing):
        chosen[index, (index * 7) % chosen.shape[1]] = numpy.nan
    return chosen


cancer = load_breast_cancer()
binary = xgboost.train(
    {"objective": "binary:logistic", "max_depth": 3, "seed": 7, "nthread": 1},
    xgboost.DMatrix(cancer.data, cancer.target, nthread=1), num_boost_round=20)
write("binary", binary, sample(cancer.data, 40, 10))

iris = load_iris()
classes = xgboost.train(
    {"objective": "multi:softprob", "num_class": 3, "max_depth": 2, "seed": 7, "nthread": 1},
    xgboost.DMatrix(iris.data, iris.target, nthread=1), num_boost_round=8)
write("classes", classes, sample(iris.data, 30, 5))

linear = xgboost.train(
    {"objective": "reg:squarederror", "max_depth": 2, "seed": 7, "nthread": 1},
    xgboost.DMatrix(iris.data[:, :3], iris.data[:, 3], nthread=1), num_boost_round=8)
write("regression", linear, sample(iris.data[:, :3], 20, 4))
