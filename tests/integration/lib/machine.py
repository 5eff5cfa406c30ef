# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds what Flagpost writes for other programs against the part of their schemas that it uses.

    machine.py ecs|ocsf|cef|prometheus FILE      prints how many events or samples there are
    machine.py mutate-ecs|mutate-ocsf|mutate-prometheus FILE       spoils each event in every way that the schema knows
        (a field that is not in it, a value of another type, a required field taken out) and prints how
        many were refused; one that was taken is an error

The facts are those of the published schemas of the versions named below, all fields that Flagpost
writes: their types, which are lists, which must be there and which values there are. Where each stands is
said beside it: a file of github.com/elastic/ecs or of github.com/ocsf/ocsf-schema.

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

# Elastic Common Schema 8.11. keyword, wildcard and match_only_text are text, long is whole, date is TIME; what is
# normalized as an array is a list. event.category knows email, and for it event.type knows info.
ECS = {
    "@timestamp!": TIME,  # schemas/base.yml
    "message": text,
    "ecs!": {"version!": one_of("8.11.0")},  # schemas/ecs.yml
    "event!": {  # schemas/event.yml
        "kind!": one_of("alert"),
        "category!": [one_of("email")],
        "type!": [one_of("info")],
        "module": text, "dataset": text, "action": text, "id": text, "severity": whole, "created": TIME,
    },
    # schemas/rule.yml
    "rule": {"id": text, "name": text, "description": text, "ruleset": text, "version": text},
    "email": {  # schemas/email.yml; attachments.file.hash: schemas/hash.yml
        "from": {"address": [text]},
        "to": {"address": [text]},
        "direction": text, "message_id": text, "subject": text, "origination_timestamp": TIME,
        "attachments": [{"file": {"name": text, "mime_type": text, "size": whole, "hash": {"sha256": SHA256}}}],
    },
    # schemas/observer.yml, organization.yml, related.yml
    "observer": {"vendor": text, "product": text, "type": text, "version": text},
    "organization": {"name": text},
    "related": {"hash": [SHA256]},
    "flagpost": ANY,
}

# Open Cybersecurity Schema Framework 1.5: events/base_event.json, events/findings/finding.json (activity_id, status_id,
# finding_info) and detection_finding.json (evidences, is_alert). Times are milliseconds, whole numbers.
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
    "metadata!": {  # objects/metadata.json, product.json
        "version!": one_of("1.5.0"),
        "product!": {"name!": text, "vendor_name!": text, "version": text},
        "uid": text,
    },
    "finding_info!": {  # objects/finding_info.json, analytic.json
        "uid!": text, "title!": text, "desc": text, "created_time": whole, "first_seen_time": whole,
        "analytic": {"type_id!": one_of(0, 1, 2, 3, 4, 99), "name": text, "uid": text, "version": text},
    },
    "evidences": [{  # objects/evidences.json: at least one of its fields; email.json, file.json, fingerprint.json
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


def agree(event, place):
    """What OCSF says of several fields together."""
    if event["type_uid"] != event["class_uid"] * 100 + event["activity_id"] or event["class_uid"] // 1000 != event["category_uid"]:
        sys.exit(f"{place}: type, class, category and activity do not agree")
    if any(not {"email", "file"} & set(one) for one in event["evidences"]):
        sys.exit(f"{place}: evidence of nothing")


def objects(lines, schema):
    for number, line in enumerate(lines, 1):
        event = json.loads(line, object_pairs_hook=strict)
        check(event, schema, f"line {number}")
        if schema is OCSF:
            agree(event, f"line {number}")
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


VALUE = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|NaN|[+-]?Inf")
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\[\\"n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*,?)?\}})? (\S+)(?: (-?\d+))?")
TYPES = ("counter", "gauge", "histogram", "summary", "untyped")


def described(line, seen, helped, typed):
    """HELP: once, its text with no escape but those of a backslash and a line's end; TYPE: once, before any sample."""
    word, name, rest = (line[2:].split(" ", 2) + ["", ""])[:3]
    if not re.fullmatch(NAME, name):
        sys.exit(f"a name that is none: {line}")
    if word == "HELP":
        if name in helped or rest == "" or "\\" in re.sub(r"\\[\\n]", "", rest):
            sys.exit(f"not a text of help: {line}")
        helped.add(name)
    elif word == "TYPE":
        if name in typed or name in seen or rest not in TYPES:
            sys.exit(f"not a type: {line}")
        typed[name] = rest
    else:
        sys.exit(f"a comment that says nothing: {line}")
    return name


def prometheus(lines):
    """The text format of Prometheus, version 0.0.4: all lines of a metric together, each sample once."""
    helped, typed, seen, last, ended = set(), {}, {}, None, set()
    for line in lines:
        if line.startswith("# "):
            name = described(line, seen, helped, typed)
        else:
            found = SAMPLE.fullmatch(line)
            if found is None or not VALUE.fullmatch(found.group(3)):
                sys.exit(f"not a sample: {line}")
            name = found.group(1)
            labels = re.findall(LABEL, found.group(2) or "")
            names = [label.split("=", 1)[0] for label in labels]
            if len(set(names)) != len(names) or name not in helped or name not in typed:
                sys.exit(f"a label twice, or nothing says what it is: {line}")
            if tuple(sorted(labels)) in seen.setdefault(name, set()):
                sys.exit(f"a sample twice: {line}")
            seen[name].add(tuple(sorted(labels)))
            if typed[name] == "counter" and (not name.endswith("_total") or found.group(3).startswith("-")):
                sys.exit(f"no counter: {line}")
        if name in ended:
            sys.exit(f"lines of {name} in two places")
        if last not in (None, name):
            ended.add(last)
        last = name
    return sum(len(samples) for samples in seen.values())


def spoil_prometheus(lines):
    """Each line spoiled in each way that the format forbids; one that is taken is an error."""
    ways = [
        ("no value", lambda line: line.rsplit(" ", 1)[0]), ("a word as value", lambda line: line.rsplit(" ", 1)[0] + " many"),
        ("a value of another language", lambda line: line + ",5"), ("a name with a dash", lambda line: line.replace("_", "-", 1)),
        ("an unknown type", lambda line: line.replace(" gauge", " gage")), ("no text of help", lambda line: re.sub(r"(# HELP \S+).*", r"\1", line)),
        ("an escape that there is not", lambda line: re.sub(r'="', '="\\\\x', line)), ("a quote that ends too early", lambda line: re.sub(r'="', '="a"b', line)),
        ("no end of the labels", lambda line: line.replace("}", "")), ("a label twice", lambda line: re.sub(r"\{([^}]*)\}", r"{\1,\1}", line)),
        ("a name that begins with a digit", lambda line: re.sub(r"^(# (?:HELP|TYPE) )?", r"\g<1>9", line)),
        ("a space too many", lambda line: line + " "), ("twice", lambda line: line + "\n" + line),
        ("left out", lambda line: None if line.startswith("#") else line), ("another comment", lambda line: line.replace("# HELP", "# HALP")),
    ]
    tried = 0
    for number, line in enumerate(lines):
        for label, change in ways:
            spoiled = change(line)
            # A text of help may end in anything.
            if spoiled == line or (line.startswith("# HELP") and spoiled is not None and spoiled.startswith(" ".join(line.split()[:3]) + " ") and "\n" not in spoiled):
                continue
            whole = lines[:number] + (spoiled.split("\n") if spoiled is not None else []) + lines[number + 1:]
            try:
                prometheus(whole)
            except SystemExit:
                tried += 1
                continue
            sys.exit(f"taken, and should not be: {label}: {spoiled}")
    return tried


def main():
    with open(sys.argv[2], encoding="utf-8", newline="\n") as file:
        lines = file.read().split("\n")
    if lines.pop() != "":
        sys.exit("the last line has no end")
    readers = {
        "ecs": lambda: objects(lines, ECS), "ocsf": lambda: objects(lines, OCSF),
        "mutate-ecs": lambda: mutate(lines, ECS), "mutate-ocsf": lambda: mutate(lines, OCSF),
        "cef": lambda: cef(lines), "prometheus": lambda: prometheus(lines),
        "mutate-prometheus": lambda: spoil_prometheus(lines),
    }
    print(readers[sys.argv[1]]())


main()
