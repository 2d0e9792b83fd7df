"""Gathers what pages and print take from the front-end packages in static/vendor; run by ./run at set-up."""

import shutil
import sys
from pathlib import Path

from reporting.print import fonts

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"

FIRA = PACKAGES / "@kern-ux/native/dist/fonts/fira-sans"
SCREEN_WEIGHTS = {"Regular": 400, "Medium": 500, "SemiBold": 600, "Bold": 700}
FILES = {
    "@kern-ux/native/dist/kern.min.css": "kern.min.css",
    "@kern-ux/native/LICENSE.md": "kern.LICENSE.md",
    "sortablejs/modular/sortable.esm.js": "sortable.esm.js",
    "sortablejs/LICENSE": "sortable.LICENSE",
}
FONT_FACE = """@font-face {{
  font-family: "Fira Sans";
  src: url("fonts/FiraSans-{name}.woff2") format("woff2");
  font-weight: {weight};
  font-style: normal;
  font-display: swap;
}}
"""


def main():
    shutil.rmtree(VENDOR, ignore_errors=True)
    (VENDOR / "fonts").mkdir(parents=True)
    (VENDOR / "print-fonts").mkdir()
    for source, target in FILES.items():
        shutil.copyfile(PACKAGES / source, VENDOR / target)
    for name in SCREEN_WEIGHTS:
        shutil.copyfile(FIRA / f"FiraSans-{name}.woff2", VENDOR / "fonts" / f"FiraSans-{name}.woff2")
    faces = (FONT_FACE.format(name=name, weight=weight) for name, weight in SCREEN_WEIGHTS.items())
    (VENDOR / "fira-sans.css").write_text("\n".join(faces))
    fonts.make(FIRA, VENDOR / "print-fonts")


if __name__ == "__main__":
    sys.exit(main())
