"""The continuous integration calls the README's test command, word for word."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.health.tree import ROOT

SCRIPT = ROOT / ".ci" / "run"
README = """# wenze

```sh
echo the main job
```

```sh
echo "the tests" in 'a shell' && pwd
```
"""


def run_copy(folder: Path, readme: str | None) -> subprocess.CompletedProcess[str]:
    """Runs a copy of the script in a checkout whose README is another."""
    (folder / ".ci").mkdir()
    shutil.copy(SCRIPT, folder / ".ci" / "run")
    if readme is not None:
        (folder / "README.md").write_text(readme, encoding="utf-8")
    return subprocess.run([folder / ".ci" / "run"], cwd="/", capture_output=True, text=True, check=False)


def test_script_can_be_run() -> None:
    assert os.access(SCRIPT, os.X_OK)


def test_second_block_is_run_at_the_top_of_the_checkout(tmp_path: Path) -> None:
    done = run_copy(tmp_path, README)
    assert (done.returncode, done.stdout) == (0, f"the tests in a shell\n{tmp_path.resolve()}\n"), done.stderr


def test_failure_of_the_tests_is_passed_on(tmp_path: Path) -> None:
    assert run_copy(tmp_path, README.replace("&& pwd", "&& exit 3")).returncode == 3


@pytest.mark.parametrize("readme", [None, "# wenze\n", "```sh\necho the main job\n```\n"])
def test_missing_command_fails(tmp_path: Path, readme: str | None) -> None:
    done = run_copy(tmp_path, readme)
    assert (done.returncode != 0, done.stdout) == (True, "")


def test_readme_has_one_line_for_the_main_job_and_one_for_the_tests() -> None:
    blocks = (ROOT / "README.md").read_text(encoding="utf-8").split("```sh\n")[1:3]
    job, tests = (block.split("```")[0].splitlines() for block in blocks)
    assert [len(job), len(tests)] == [1, 1]
    assert job[0].endswith("wenze demo")
    assert "pytest" in tests[0]
