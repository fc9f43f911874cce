#!/usr/bin/env python3
"""Validates timeline documents against the published schema: validate.py FILE.json...

A file may hold several documents: each ends with a line that is exactly "}".
"""

import json
import pathlib
import sys

import jsonschema

SCHEMA = pathlib.Path(__file__).parents[2] / "userspace/timeline/timeline.schema.json"


def documents(text):
    start = 0
    while (end := text.find("\n}\n", start)) >= 0:
        yield json.loads(text[start : end + 2])
        start = end + 3
    if text[start:].strip():
        raise ValueError("text behind the last document")


def main():
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    problems = 0
    for name in sys.argv[1:]:
        for number, document in enumerate(documents(pathlib.Path(name).read_text()), 1):
            for error in validator.iter_errors(document):
                problems += 1
                print(f"{name}: document {number}: {error.json_path}: {error.message[:200]}")
    return 1 if problems else 0


sys.exit(main())
