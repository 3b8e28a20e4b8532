#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""validate_schema.py good|bad SCHEMA FILE...: are all FILEs valid (good), or none (bad)?"""

import json
import sys

import jsonschema


def main():
    expect_good = {"good": True, "bad": False}[sys.argv[1]]
    with open(sys.argv[2], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    wrong = 0
    for path in sys.argv[3:]:
        with open(path, encoding="utf-8") as file:
            error = next(validator.iter_errors(json.load(file)), None)
        if (error is None) != expect_good:
            print(f"{path}: {error.message if error else 'is taken for valid'}", file=sys.stderr)
            wrong += 1
    return 1 if wrong or len(sys.argv) < 4 else 0


if __name__ == "__main__":
    sys.exit(main())
