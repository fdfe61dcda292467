#!/usr/bin/env python3
"""Checks spec files, releases and reports against their JSON Schemas with a validator that is not ours.

Needs Debian's python3-jsonschema and python3-yaml. Also turns the check round:
a file of spec/invalid whose mistake is one of shape must fail the case schema,
so that a schema that accepts anything is noticed.

Usage: validate-schemas.py [<unpacked release>]
       validate-schemas.py <report of conform in JSON, or known failures in YAML>...
"""
import json
import pathlib
import sys

import jsonschema
import yaml

SPEC = pathlib.Path(__file__).resolve().parent.parent / "spec"
# Mistakes beyond a schema: relations between values, and YAML itself.
BEYOND_A_SCHEMA = {"syntax", "duplicate-key", "value", "order", "mask", "e_phnum"}


class Loader(yaml.CSafeLoader):
    """Integer keys become strings, as they are in JSON."""

    def construct_mapping(self, node, deep=False):
        return {str(k): v for k, v in super().construct_mapping(node, deep).items()}


def validator(name):
    schema = json.loads((SPEC / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


CASE = validator("case")
BY_FOLDER = {name: validator(name) for name in ("invalid", "reader", "scenario", "kexec-tools", "fadump", "vmcore", "memory")}
REQUEST_BY_PROFILE = {
    "writer": validator("request"),
    "vmcore": validator("vmcore-request"),
    "kexec-tools": validator("kexec-tools-request"),
    "fadump": validator("fadump-request"),
}
TABLES = {name: validator(name) for name in ("rules", "releases", "sources")}
REPORT = validator("report")
KNOWN_FAILURES = validator("known-failures")


def spec_problems(path):
    node = yaml.load(path.read_text(), Loader)
    folder = path.parent.name
    yield from BY_FOLDER.get(folder, CASE).iter_errors(node)
    if folder == "invalid" and node["error"] not in BEYOND_A_SCHEMA:
        if CASE.is_valid(yaml.load(node["input"], Loader)):
            yield jsonschema.ValidationError("the case schema accepts its input")


def table_problems(path):
    return TABLES[path.stem].iter_errors(yaml.load(path.read_text(), Loader))


def in_release(name):
    """A check against a schema that lies in the release itself."""

    def problems(path):
        schema = json.loads((path.parent / "schemas" / name).read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        return jsonschema.Draft202012Validator(schema).iter_errors(json.loads(path.read_text()))

    return problems


def request_problems(path):
    schema = REQUEST_BY_PROFILE[path.parent.parent.name]
    return schema.iter_errors(json.loads(path.read_text()))


def report_problems(path):
    return REPORT.iter_errors(json.loads(path.read_text()))


def known_problems(path):
    return KNOWN_FAILURES.iter_errors(yaml.load(path.read_text(), Loader))


WRITTEN_BY_CONFORM = {".json": report_problems, ".yaml": known_problems}


def spec_checks(release=None):
    checks = [(path, spec_problems) for path in sorted(SPEC.glob("*/*.yaml"))]
    checks += [(SPEC / f"{name}.yaml", table_problems) for name in TABLES]
    if release:
        checks += [(pathlib.Path(release, name), in_release(name)) for name in ("index.json", "rules.json")]
        for profile in REQUEST_BY_PROFILE:
            found = sorted(pathlib.Path(release, profile).glob("*/*.json"))
            if not found:
                sys.exit(f"no requests in {release}/{profile}")
            checks += [(path, request_problems) for path in found]
    return checks


def main(*paths):
    given = [pathlib.Path(path) for path in paths]
    written = [(path, WRITTEN_BY_CONFORM[path.suffix]) for path in given if path.suffix in WRITTEN_BY_CONFORM]
    checks = written or spec_checks(*paths)
    failed = 0
    for path, problems in checks:
        messages = [f"{e.json_path}: {e.message}"[:300] for e in problems(path)]
        failed += bool(messages)
        for message in messages:
            print(f"{path}: {message}", file=sys.stderr)
    print(f"{len(checks)} files against their schemas, {failed} failed")
    return 1 if failed or not checks else 0


sys.exit(main(*sys.argv[1:]))
