#!/usr/bin/env python3
"""Checks every spec file against its JSON Schema with a validator that is not ours.

Needs Debian's python3-jsonschema and python3-yaml. Also turns the check round:
a file of spec/invalid whose mistake is one of shape must fail the case schema,
so that a schema that accepts anything is noticed.
"""
import json
import pathlib
import sys

import jsonschema
import yaml

SPEC = pathlib.Path(__file__).resolve().parent.parent / "spec"
# What a schema cannot say: relations between values, and YAML itself.
BEYOND_A_SCHEMA = {"syntax", "duplicate-key", "value", "order", "mask", "e_phnum"}


class Loader(yaml.SafeLoader):
    """Integer keys become strings, as they are in JSON."""

    def construct_mapping(self, node, deep=False):
        return {str(k): v for k, v in super().construct_mapping(node, deep).items()}


def validator(name):
    schema = json.loads((SPEC / name).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def main():
    case, invalid = validator("case.schema.json"), validator("invalid.schema.json")
    failures = checked = 0
    for path in sorted(SPEC.glob("*/*.yaml")):
        node = yaml.load(path.read_text(), Loader)
        reject = path.parent.name == "invalid"
        problems = [f"{e.json_path}: {e.message}" for e in (invalid if reject else case).iter_errors(node)]
        if reject and node["error"] not in BEYOND_A_SCHEMA:
            if case.is_valid(yaml.load(node["input"], Loader)):
                problems.append("the case schema accepts its input")
        checked += 1
        failures += bool(problems)
        for problem in problems:
            print(f"{path.relative_to(SPEC.parent)}: {problem}", file=sys.stderr)
    print(f"{checked} files against their schemas, {failures} failed")
    return 1 if failures or not checked else 0


sys.exit(main())
