"""Everything about the code that needs no run of it; each check prints nothing unless it fails."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.pofile import read_po

ADVISORY_LIMIT = 20  # seconds against hanging
PROGRAMS = Path(sys.executable).parent
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-node.txt", "package-lock.json")
FUNDING = re.compile(r'\s*"(?:url|funding)": "')
MAKEMESSAGES = ("makemessages", "--locale", "de", "--no-location", "--no-obsolete")
PRODUCTION = {
    "SECRET_KEY": "check-only " + "".join(map(chr, range(40, 100))),
    "ALLOWED_HOSTS": "portal.example",
    "BASE_URL": "https://portal.example",
    "DATABASE_URL": "postgres://portal@database/portal",
    "REDIS_URL": "redis://broker/0",
    "EMAIL_URL": "smtp+tls://mail.example:587",
    "EMAIL_FROM": "portal@example.org",
    "DEMO": "false",
}


def main():
    failed = [name for name, check in CHECKS.items() if not report(name, check)]
    print(f"check: {len(CHECKS) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


def report(name, check):
    problems = check()
    print(f"{'failed' if problems else 'ok':7}{name}", problems, sep="\n" if problems else "", flush=True)
    return not problems


def says_nothing(*command, **options):
    """What a command had to say, if it failed."""
    program, *arguments = command
    done = subprocess.run([PROGRAMS / program, *arguments], capture_output=True, text=True, **options)
    return (done.stdout + done.stderr).strip() if done.returncode else ""


def manage(*arguments, **options):
    return says_nothing("python", "manage.py", *arguments, **options)


def deployment():
    return manage("check", "--deploy", "--fail-level", "WARNING", env={**os.environ, **PRODUCTION})


def locks():
    """A lock file that names a host works on the machine that wrote it and nowhere else.

    A package's authors may say where to support them: nothing is fetched from there.
    """
    lines = ((name, line) for name in LOCKS for line in Path(name).read_text().splitlines())
    lines = ((name, line) for name, line in lines if not FUNDING.match(line))
    return "\n".join(f"{name}: {line.strip()}" for name, line in lines if re.search(r"https?://|--index|--find", line))


def advisories():
    """Known vulnerabilities of what the locks name. Where nobody can be asked, the check says so and does not fail."""
    asked = {
        "Python": ["pip-audit", "--requirement", "requirements.txt", "--disable-pip", "--no-deps", "--timeout", "8"],
        "npm": ["npm", "audit", "--package-lock-only", "--omit=dev", "--json"],
    }
    asked["Python"] += ["--format", "json", "--progress-spinner", "off"]
    return "\n".join(line for name, command in asked.items() for line in advised(name, command))


def advised(name, command):
    """A line for each vulnerable package; nothing where there is none or nobody could be asked."""
    try:
        program = PROGRAMS / command[0] if (PROGRAMS / command[0]).exists() else command[0]
        done = subprocess.run([program, *command[1:]], capture_output=True, text=True, timeout=ADVISORY_LIMIT)
        found = VULNERABLE[name](json.loads(done.stdout))
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
        print(f"       {name}: not checked, the advisory service did not answer", flush=True)
        return []
    return [f"{name}: {package} has a known vulnerability" for package in found]


def vulnerable_python(told):
    """A mirror that knows no advisories lets every package be skipped: then nothing has been checked."""
    skipped = [package["name"] for package in told["dependencies"] if package.get("skip_reason")]
    if len(skipped) == len(told["dependencies"]):
        raise ValueError("all skipped")
    if skipped:
        print(f"       Python: not checked: {', '.join(skipped)}", flush=True)
    return [package["name"] for package in told["dependencies"] if package.get("vulns")]


def vulnerable_npm(told):
    return list(told["vulnerabilities"])


VULNERABLE = {"Python": vulnerable_python, "npm": vulnerable_npm}


def translations():
    """Every text of code and templates has its German wording, and none is left of texts that are gone."""
    kept = catalogue(Path("locale"))
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(".", copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*", "node_modules", "var"))
        problem = manage(*MAKEMESSAGES, cwd=copy)
        if problem:
            return problem
        fresh = catalogue(Path(copy, "locale"))
    untranslated = [text for text, message in kept.items() if message.fuzzy or not all(as_tuple(message.string))]
    found = {"missing": fresh.keys() - kept.keys(), "no longer used": kept.keys() - fresh.keys()}
    found |= {"untranslated": untranslated, "faulty": [text for text, message in kept.items() if faults(message)]}
    return "\n".join(f"{kind}: {text!r}" for kind, texts in found.items() for text in sorted(texts, key=str))


def catalogue(folder):
    path = folder / "de/LC_MESSAGES/django.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        messages = read_po(file, locale="de")
    return {(message.context, message.id): message for message in messages if message.id}


def faults(message):
    """A placeholder that one side lacks would break the page or lose a name."""
    wanted = {frozenset(placeholders(text)) for text in as_tuple(message.id)}
    return any(frozenset(placeholders(text)) not in wanted for text in as_tuple(message.string))


def placeholders(text):
    return re.findall(r"%\(\w+\)[sd]|\{\w*\}", text)


def as_tuple(text):
    return text if isinstance(text, tuple) else (text,)


CHECKS = {
    "format": lambda: says_nothing("ruff", "format", "--check", "--quiet", "."),
    "lint": lambda: says_nothing("ruff", "check", "--quiet", "."),
    "templates": lambda: says_nothing("djlint", "templates", "--lint", "--quiet"),
    "types": lambda: says_nothing("mypy", "--no-error-summary"),
    "imports": lambda: says_nothing("lint-imports", "--no-logo"),
    "migrations": lambda: manage("makemigrations", "--check", "--dry-run"),
    "migrations beside the version before": lambda: says_nothing("python", "-m", "tests.migrations"),
    "translations": translations,
    "locks": locks,
    "deployment": deployment,
    "advisories": advisories,
}

if __name__ == "__main__":
    sys.exit(main())
