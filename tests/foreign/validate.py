"""Holds reports against schemas: reads lines `KIND SCHEMA FILE` and prints one line for each file that is not valid.

KIND is json, jsonl (each line by itself), xml, or junit (read by junitparser; SCHEMA is not looked at)."""

import json
import sys

import junitparser
import jsonschema
import xmlschema

validators = {}


def json_validator(schema):
    if schema not in validators:
        with open(schema) as file:
            content = json.load(file)
        kind = jsonschema.validators.validator_for(content)
        kind.check_schema(content)
        validators[schema] = kind(content)
    return validators[schema]


def problems(kind, schema, name):
    if kind in ("json", "jsonl"):
        with open(name) as file:
            texts = file.read().splitlines() if kind == "jsonl" else [file.read()]
        for text in texts:
            error = jsonschema.exceptions.best_match(json_validator(schema).iter_errors(json.loads(text)))
            if error:
                yield f"{error.json_path}: {error.message[:300]}"
    elif kind == "xml":
        yield from (f"{e.path}: {e.reason}" for e in xmlschema.XMLSchema(schema).iter_errors(name))
    elif kind == "junit":
        cases = [case for suite in junitparser.JUnitXml.fromfile(name) for case in suite]
        if not cases:
            yield "junitparser finds no case"
    else:
        yield f"what is {kind}?"


for line in sys.stdin.read().splitlines():
    kind, schema, name = line.split("\t")
    for problem in problems(kind, schema, name):
        print(f"{name}: {problem}")
