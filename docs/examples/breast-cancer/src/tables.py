# SPDX-License-Identifier: Apache-2.0
"""CSV tables of numbers, written so that equal numbers are equal bytes."""

import csv
from pathlib import Path

import numpy


def write(path, columns, rows):
    """Writes rows of numbers under a header; each number in the fewest digits that give it back."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        for row in rows:
            table.writerow([repr(float(number)) for number in row])


def read(path):
    """Returns the header and the numbers."""
    with open(path, newline="", encoding="utf-8") as file:
        table = csv.reader(file)
        columns = next(table)
        return columns, numpy.array([[float(text) for text in row] for row in table])


def read_labelled(path):
    """Returns the names of the features, their values, and the labels of the last column."""
    columns, numbers = read(path)
    return columns[:-1], numbers[:, :-1], numbers[:, -1]
