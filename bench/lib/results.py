"""Results as files: what bench/run measured, on what and when."""

import datetime
import json
import pathlib
import re

from lib.children import Failed

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "results"
SCHEMA = "zctrace.bench/1"


def result(machine, limit, groups, skipped):
    return {"schema": SCHEMA, "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"), "machine": machine,
            "others_limit": limit, "groups": groups, "skipped": skipped}


def name(data):
    """Of the day and of the kind of machine, not of the host."""
    machine = data["machine"]
    series = re.match(r"\d+\.\d+|", machine["kernel"])[0]
    return f"{data['date']}-{machine['cpus']}-cpus-linux-{series}.json"


def save(data, file):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(rounded(data), indent=1, ensure_ascii=False) + "\n")


def rounded(data):
    """What is measured to a tenth of a ns is not written to a millionth of it."""
    if isinstance(data, dict):
        return {key: rounded(value) for key, value in data.items()}
    if isinstance(data, list):
        return [rounded(value) for value in data]
    return round(data, 3) if isinstance(data, float) else data


def load(file):
    try:
        data = json.loads(pathlib.Path(file).read_text())
    except OSError as error:
        raise Failed(f"{file}: {error.strerror}") from None
    except ValueError:
        raise Failed(f"{file}: not JSON") from None
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise Failed(f"{file}: not a result of bench/run ({SCHEMA})")
    return data


def newest_like(machine):
    """(file, result): the newest one of such a processor and kernel where tracing had the same means; None where there
    is none."""
    found = None
    for file in sorted(FOLDER.glob("*.json")):
        data = load(file)
        if all(data["machine"][what] == machine[what] for what in ("cpu", "kernel", "mechanism")):
            found = file, data
    return found
