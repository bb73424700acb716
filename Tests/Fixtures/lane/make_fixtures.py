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


def write(name, booster, features, rounds=0):
    features = numpy.asarray(features, dtype=numpy.float32)
    matrix = xgboost.DMatrix(features, missing=numpy.nan, feature_names=booster.feature_names, nthread=1)
    predictions = booster.predict(matrix, iteration_range=(0, rounds))
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

# Stopped early: the answers are those of the rounds up to the best one, as XGBoost's scikit-learn wrapper gives them.
odd = numpy.arange(len(iris.data)) % 2 == 1
for name, parameters, target, width in [
    ("stopped", {"objective": "reg:squarederror", "eta": 0.6}, iris.data[:, 3], 3),
    ("stopped-classes",
     {"objective": "multi:softprob", "num_class": 3, "eta": 0.8, "booster": "dart", "num_parallel_tree": 2},
     iris.target, 4),
]:
    train, test = (
        xgboost.DMatrix(iris.data[rows_, :width], target[rows_], nthread=1) for rows_ in (odd, ~odd))
    stopped = xgboost.train(
        {"max_depth": 3, "seed": 7, "nthread": 1, **parameters}, train, num_boost_round=60,
        evals=[(test, "test")], early_stopping_rounds=3, verbose_eval=False)
    print(name, "best", stopped.best_iteration, "of", stopped.num_boosted_rounds())
    write(name, stopped, sample(iris.data[:, :width], 20, 4), rounds=stopped.best_iteration + 1)

named = xgboost.train(
    {"objective": "reg:squarederror", "max_depth": 2, "seed": 7, "nthread": 1},
    xgboost.DMatrix(iris.data[:, :3], iris.data[:, 3], nthread=1, feature_names=["f1", "f0", "f2"]), num_boost_round=2)
write("named", named, sample(iris.data[:, :3], 5, 0))

weights = xgboost.train(
    {"objective": "reg:squarederror", "booster": "gblinear", "seed": 7, "nthread": 1},
    xgboost.DMatrix(iris.data[:, :3], iris.data[:, 3], nthread=1), num_boost_round=5)
weights.set_attr(best_iteration="1")
write("linear", weights, sample(iris.data[:, :3], 5, 0))
