# SPDX-License-Identifier: Apache-2.0
"""Datasets that are not files: any collection of dicts that can be read more than once, such as a list, a
datasets.Dataset or the records of a DataFrame. Examples are read one by one when they are needed."""

from __future__ import annotations

import json
import os
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Tuple

from .errors import InputError, UsageError

LABEL_COLUMNS = {
    "text_classification": ("label", "labels", "gold_label", "is_duplicate", "Quality", "category", "class"),
    "token_classification": ("tags", "ner_tags", "labels"),
}
"""The columns that are read as labels, by task, the preferred one first."""

Convert = Callable[[Any], Any]


def split_datasets(
    options: Mapping[str, Any], names: Iterable[str]
) -> Tuple[Dict[str, Any], Dict[str, "Examples"]]:
    """The options with a name in place of each dataset that is a collection, and these datasets."""
    plain, collections = dict(options), {}
    for name in names:
        given = plain.get(name)
        if given is None or isinstance(given, (str, bytes, os.PathLike)):
            continue
        collections[name] = Examples(given, name)
        plain[name] = collections[name].name
    return plain, collections


def with_labels(options: Dict[str, Any], examples: Optional["Examples"]) -> Dict[str, Any]:
    """The options with the names of the labels in the order of a ClassLabel, unless labels are given."""
    columns = LABEL_COLUMNS.get(options.get("task") or "", ())
    if examples is None or not columns or options.get("labels") or options.get("regression"):
        return options
    given = options.get("label_column")
    names = examples.class_names((given,) if given else columns)
    if not names or any("," in name or name != name.strip() or not name for name in names):
        return options
    return {**options, "labels": ",".join(names)}


class Examples:
    """A collection of dicts as JSON texts. It is iterated anew for every pass over the data."""

    def __init__(self, dataset: Any, argument: str) -> None:
        check_collection(dataset, argument)
        self.name = f"{argument} ({type(dataset).__name__})"
        self._dataset = dataset
        features = getattr(dataset, "features", None)
        self._features = features if isinstance(features, Mapping) else {}
        self._names = class_names_of(self._features)

    def class_names(self, columns: Iterable[str]) -> Optional[List[str]]:
        """The class names of the first of the columns that the dataset has."""
        column = next((column for column in columns if column in self._features), "")
        return self._names.get(column)

    def __iter__(self) -> Iterator[str]:
        converters = {column: name_classes(names) for column, names in self._names.items()}
        for index, example in enumerate(self._dataset):
            if converters and isinstance(example, Mapping):
                example = {
                    key: converters[key](value) if key in converters else value
                    for key, value in example.items()
                }
            yield self._json(index, example)

    def _json(self, index: int, example: Any) -> str:
        try:
            return to_json(dict(example) if isinstance(example, Mapping) else example)
        except (TypeError, ValueError):
            fields = example.items() if isinstance(example, Mapping) else []
            for key, value in fields:
                self._require_json(f"'{self.name}', index {index}: the value of '{key}'", value)
            self._require_json(f"'{self.name}', index {index}: the example", example)
            raise

    @staticmethod
    def _require_json(what: str, value: Any) -> None:
        try:
            to_json(value)
        except (TypeError, ValueError) as fault:
            shown = repr(value) if isinstance(value, float) else f"of type {type(value).__name__}"
            hint = "values are str, numbers, bool, None, or lists and dicts of these"
            raise InputError(f"{what} is {shown}, which cannot be read", hint) from fault


def check_collection(dataset: Any, argument: str) -> None:
    """Raises TypeError or UsageError for anything but a collection that can be iterated repeatedly."""
    kind = type(dataset).__name__
    wanted = f"{argument} must be a path or a collection of dicts, not {kind}"
    if hasattr(dataset, "to_dict") and hasattr(dataset, "iterrows"):
        raise TypeError(f"{wanted}; give its records: {argument}=frame.to_dict('records')")
    if isinstance(dataset, Mapping):
        splits = ", ".join(repr(key) for key in list(dataset)[:5])
        raise TypeError(f"{wanted}; choose one of its parts: {splits}")
    if not isinstance(dataset, Iterable):
        raise TypeError(wanted)
    if isinstance(dataset, Iterator):
        raise UsageError(
            f"{argument} is a {kind}, which can be read only once",
            "the data is read once to check it and again to use it: give list(...) of it, or an "
            "object whose __iter__ begins anew",
        )


def class_names_of(features: Mapping[str, Any]) -> Dict[str, List[str]]:
    """The class names of each column with a ClassLabel, or a list of ClassLabels, of `datasets`."""
    found = {}
    for column, feature in features.items():
        names = getattr(getattr(feature, "feature", feature), "names", None)
        if isinstance(names, list):
            found[column] = [str(name) for name in names]
    return found


def name_classes(names: List[str]) -> Convert:
    """Replaces class numbers, also in lists, by their names, and -1, which means no label, by None."""

    def convert(value: Any) -> Any:
        value = plain_numbers(value)
        if isinstance(value, (list, tuple)):
            return [convert(item) for item in value]
        if isinstance(value, int) and not isinstance(value, bool):
            if 0 <= value < len(names):
                return names[value]
            return None if value == -1 else value
        return value

    return convert


def to_json(value: Any) -> str:
    return json.dumps(value, allow_nan=False, default=plain_value)


def plain_value(value: Any) -> Any:
    """NumPy's scalars and arrays, and mappings that are no dicts, as Python's own types."""
    plain = dict(value) if isinstance(value, Mapping) else plain_numbers(value)
    if plain is value:
        raise TypeError(f"{type(value).__name__} is no JSON")
    return plain


def plain_numbers(value: Any) -> Any:
    """Scalars and arrays of NumPy, PyTorch and others as numbers and lists; anything else as it is."""
    tolist = getattr(value, "tolist", None)
    return tolist() if callable(tolist) else value
