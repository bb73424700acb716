#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Trains one small model with whatever XGBoost is installed, and writes what that predicts.

Run with xgboost 3.0.5 (`pip install xgboost-cpu==3.0.5`): the newest series that Debian 12's library reads right. The
files xgb32_* were written in the same way by XGBoost 3.2.0, which it does not.
"""
import json
import pathlib

import numpy
import xgboost

here = pathlib.Path(__file__).parent
name = "xgb" + "".join(xgboost.__version__.split(".")[:2])
generator = numpy.random.default_rng(7)
rows = generator.normal(size=(200, 4)).astype(numpy.float32)
target = 10 + 2 * rows[:, 0] - rows[:, 1] * rows[:, 2]
model = xgboost.train(
    {"max_depth": 2, "seed": 7, "nthread": 1}, xgboost.DMatrix(rows, target, nthread=1), num_boost_round=5)
shown = rows[:10]
predictions = model.predict(xgboost.DMatrix(shown, nthread=1))
for ending in ["json", "ubj"]:
    model.save_model(here / f"{name}.{ending}")
expected = {"inputs": shown.astype(float).tolist(), "predictions": predictions.astype(float).tolist()}
(here / f"{name}.expected.json").write_text(json.dumps(expected) + "\n")
