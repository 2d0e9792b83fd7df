"""The table of promises in docs/security.md names every promise, and tests that exist."""

import ast
import re
from pathlib import Path

import pytest

TABLE = re.findall(r"^\| P(\d+) [^|]*\|([^|]*)\|([^|]*)\|$", Path("docs/security.md").read_text(), re.MULTILINE)
NAMED = [test for _number, tests, _figure in TABLE for test in re.findall(r"`([^`]+::[^`]+)`", tests)]


def test_every_promise_has_its_line_its_test_and_its_figure():
    assert [int(number) for number, _tests, _figure in TABLE] == list(range(1, 28))
    assert all("::" in tests and figure.strip() for _number, tests, figure in TABLE)


@pytest.mark.parametrize("name", NAMED)
def test_the_tests_named_exist(name):
    path, _colons, function = name.partition("::")

    tree = ast.parse(Path(path).read_text())

    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
