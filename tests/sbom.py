"""npm gives its list a number and a moment of its own; without them the same lock gives the same bytes."""

import json
import sys
from pathlib import Path


def main(path):
    told = json.loads(Path(path).read_text())
    told.pop("serialNumber", None)
    told.get("metadata", {}).pop("timestamp", None)
    Path(path).write_text(json.dumps(told, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
