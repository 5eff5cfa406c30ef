# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds what Flagpost writes for other programs against the part of their schemas that it uses.

    machine.py ecs|ocsf|cef|prometheus FILE      prints how many events or samples there are
    machine.py mutate-ecs|mutate-ocsf FILE       spoils each event in every way that the schema knows
        (a field that is not in it, a value of another type, a required field taken out) and prints how
        many were refused; one that was taken is an error

The facts are those of the published schemas of the versions named below, all fields that Flagpost
writes, read from the field sets of ECS and from the classes and objects of OCSF.

A schema is a tree: a type; {key: schema} with '!' behind keys that must be there; [schema] for lists.
A key that is in no schema is an error, but below the place that the schema leaves to us.
"""
import copy
import json
import re
import sys

ANY = object()


def text(value):
    return isinstance(value, str)


def whole(value):
    return isinstance(value, int) and not isinstance(value, bool)


def one_of(*values):
    return lambda value: value in values


def like(pattern):
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


TIME = like(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
SHA256 = like(r"[0-9a-f]{64}")

# Elastic Common Schema 8.11: field sets base, event, rule, email, observer, organization, related.
ECS = {
    "@timestamp!": TIME,
    "message": text,
    "ecs!": {"version!": like(r"8\.\d+\.\d+")},
    "event!": {
        "kind!": one_of("alert"),
        "category!": [one_of("email")],
        "type!": [one_of("info")],
        "module": text, "dataset": text, "action": text, "id": text, "severity": whole, "created": TIME,
    },
    "rule": {"id": text, "name": text, "description": text, "ruleset": text, "version": text},
    "email": {
        "from": {"address": [text]},
        "to": {"address": [text]},
        "direction": text, "message_id": text, "subject": text, "origination_timestamp": TIME,
        "attachments": [{"file": {"name": text, "mime_type": text, "size": whole, "hash": {"sha256": SHA256}}}],
    },
    "observer": {"vendor": text, "product": text, "type": text, "version": text},
    "organization": {"name": text},
    "related": {"hash": [SHA256]},
    "flagpost": ANY,
}

# OCSF 1.5: class detection_finding and the objects that it uses.
OCSF = {
    "activity_id!": one_of(1, 2, 3),
    "category_uid!": one_of(2),
    "class_uid!": one_of(2004),
    "type_uid!": one_of(200401, 200402, 200403),
    "time!": whole,
    "severity_id!": one_of(0, 1, 2, 3, 4, 5, 6, 99),
    "severity": text,
    "status_id": one_of(0, 1, 2, 3, 4, 5, 6, 99),
    "is_alert": lambda value: isinstance(value, bool),
    "message": text,
    "metadata!": {
        "version!": like(r"1\.\d+\.\d+"),
        "product!": {"name!": text, "vendor_name!": text, "version": text},
        "uid": text,
    },
    "finding_info!": {
        "uid!": text, "title!": text, "desc": text, "created_time": whole, "first_seen_time": whole,
        "analytic": {"type_id!": one_of(0, 1, 2, 3, 4, 99), "name": text, "uid": text, "version": text},
    },
    "evidences": [{
        "email": {"from!": text, "to!": [text], "subject": text, "message_uid": text, "uid": text, "size": whole},
        "file": {
            "name!": text, "type_id!": one_of(0, 1, 2, 3, 4, 5, 6, 7, 99), "size": whole, "mime_type": text,
            "hashes": [{"algorithm_id!": one_of(0, 1, 2, 3, 4, 5, 6, 7, 99), "value!": text}],
        },
    }],
    "unmapped": ANY,
}


def check(value, schema, place):
    if schema is ANY:
        return
    if callable(schema):
        if not schema(value):
            sys.exit(f"{place}: {value!r} is not what the schema wants")
    elif isinstance(schema, list):
        if not isinstance(value, list):
            sys.exit(f"{place}: {value!r} is no list")
        for i, item in enumerate(value):
            check(item, schema[0], f"{place}[{i}]")
    else:
        if not isinstance(value, dict):
            sys.exit(f"{place}: {value!r} is no object")
        known = {key.rstrip("!"): key for key in schema}
        for key in schema:
            if key.endswith("!") and key[:-1] not in value:
                sys.exit(f"{place}: {key[:-1]} is missing")
        for key, item in value.items():
            if key not in known:
                sys.exit(f"{place}: {key} is not in the schema")
            check(item, schema[known[key]], f"{place}.{key}")


def strict(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        sys.exit(f"a key twice: {keys}")
    return dict(pairs)


def objects(lines, schema):
    for number, line in enumerate(lines, 1):
        check(json.loads(line, object_pairs_hook=strict), schema, f"line {number}")
    return len(lines)


def refused(event, schema):
    try:
        check(event, schema, "event")
    except SystemExit:
        return True
    return False


def wrong_for(value):
    """A value of another type than the one that stands there."""
    if isinstance(value, (dict, list)):
        return "text"
    return {"not": "this"}


def spoil(event, node, schema, place, tried):
    """Each way to spoil what is below node; node is a part of event, which is copied for each."""
    def attempt(label, change):
        spoiled = copy.deepcopy((event, node))
        change(spoiled[1])
        tried.append(label)
        if not refused(spoiled[0], WHOLE[0]):
            sys.exit(f"taken, and should not be: {place}: {label}")

    if schema is ANY or callable(schema):
        return
    if isinstance(schema, list):
        for i, item in enumerate(node):
            if not isinstance(item, (dict, list)):
                attempt(f"[{i}] of another type", lambda at, i=i: at.__setitem__(i, wrong_for(item)))
            else:
                spoil(event, item, schema[0], f"{place}[{i}]", tried)
        return
    known = {key.rstrip("!"): key for key in schema}
    attempt("a field that is not there", lambda at: at.__setitem__("no_such_field", "x"))
    for key in list(node):
        if schema[known[key]] is not ANY:
            attempt(f"{key} of another type", lambda at: at.__setitem__(key, wrong_for(node[key])))
            attempt(f"{key} is null", lambda at: at.__setitem__(key, None))
        if known[key].endswith("!"):
            attempt(f"{key} is missing", lambda at: at.pop(key))
        spoil(event, node[key], schema[known[key]], f"{place}.{key}", tried)


WHOLE = []


def mutate(lines, schema):
    WHOLE.append(schema)
    tried = []
    for line in lines:
        event = json.loads(line)
        check(event, schema, "event")
        spoil(event, event, schema, "event", tried)
    return len(tried)


def cef(lines):
    """CEF:0 and seven fields between bars, then NAME=VALUE; what is escaped is undone."""
    for line in lines:
        line = re.sub(r"^.*?(?=CEF:0\|)", "", line, count=1)
        fields = re.split(r"(?<!\\)(?:\\\\)*\|", line, maxsplit=7)
        if len(fields) != 8 or fields[0] != "CEF:0" or not 0 <= int(fields[6]) <= 10:
            sys.exit(f"not CEF: {line}")
        if "\\" in re.sub(r"\\[\\|]", "", "|".join(fields[1:7])):
            sys.exit(f"an escape that the head does not have: {line}")
        names = re.findall(r"(?:^| )(\w+)=", re.sub(r"\\[\\=]", "..", fields[7]))
        if len(set(names)) != len(names) or not {"rt", "externalId", "suser", "msg"} <= set(names):
            sys.exit(f"fields {names} of: {line}")
    return len(lines)


def prometheus(lines):
    sample = re.compile(r'([a-zA-Z_:][\w:]*)(\{[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"\})? \d+')
    typed, seen = set(), set()
    for line in lines:
        if line.startswith("# "):
            word, name = line.split(" ")[1:3]
            if word not in ("HELP", "TYPE") or (word == "TYPE" and name in typed):
                sys.exit(f"not a description: {line}")
            typed.add(name) if word == "TYPE" else None
            continue
        found = sample.fullmatch(line)
        if found is None or found.group(1) not in typed or line.rsplit(" ", 1)[0] in seen:
            sys.exit(f"not a sample: {line}")
        seen.add(line.rsplit(" ", 1)[0])
    return len(seen)


def main():
    with open(sys.argv[2], encoding="utf-8", newline="\n") as file:
        lines = file.read().split("\n")
    if lines.pop() != "":
        sys.exit("the last line has no end")
    readers = {
        "ecs": lambda: objects(lines, ECS), "ocsf": lambda: objects(lines, OCSF),
        "mutate-ecs": lambda: mutate(lines, ECS), "mutate-ocsf": lambda: mutate(lines, OCSF),
        "cef": lambda: cef(lines), "prometheus": lambda: prometheus(lines),
    }
    print(readers[sys.argv[1]]())


main()
