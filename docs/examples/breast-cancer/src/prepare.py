# SPDX-License-Identifier: Apache-2.0
"""Splits the Wisconsin breast cancer data, which scikit-learn ships, keeping the share of either class."""

import argparse

import numpy
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

import tables


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--validation_share", type=float, required=True)
    parser.add_argument("--test_share", type=float, required=True)
    options = parser.parse_args()

    data = load_breast_cancer()
    columns = [name.replace(" ", "_") for name in data.feature_names] + ["benign"]
    rows = numpy.column_stack([data.data, data.target])
    unseen_share = options.validation_share + options.test_share
    train, unseen = train_test_split(rows, test_size=unseen_share, random_state=options.seed, stratify=rows[:, -1])
    validation, test = train_test_split(
        unseen, test_size=options.test_share / unseen_share, random_state=options.seed, stratify=unseen[:, -1]
    )
    tables.write("data/train.csv", columns, train)
    tables.write("data/validation.csv", columns, validation)
    tables.write("data/test.csv", columns, test)


if __name__ == "__main__":
    main()
