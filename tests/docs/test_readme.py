"""The README's commands do what it says: they are run as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge

README = Path(__file__).parents[2] / "README.md"
UNITS = """code,name,parent,member,offices,valid_from
jdk,监督科,,true,supervision-office,2026-01-01
sb,社保窗口,jdk,true,,2026-01-01
"""
VERIFIER = "a-verifier-of-forty-three-characters-or-more-0123"


def blocks(heading: str) -> list[str]:
    """The shell blocks under a heading."""
    (section,) = re.findall(rf"^## {heading}$(.*?)(?=^## |\Z)", README.read_text(encoding="utf-8"), re.S | re.M)
    return re.findall(r"^```sh\n(.*?)^```", section, re.S | re.M)


def run(script: str, folder: Path) -> str:
    """Runs a block with this environment's ``wenze``; every line must succeed."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", script], cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_first_screen_has_the_two_commands_each_one_line() -> None:
    first, second = re.findall(r"^```sh\n(.*?)^```", README.read_text(encoding="utf-8"), re.S | re.M)[:2]
    assert first.count("\n") == second.count("\n") == 1
    assert first.rstrip().endswith("wenze demo")
    assert "pytest" in second
    assert README.read_text(encoding="utf-8").index(second) < 1_200


def test_the_law_can_be_asked_without_a_database(tmp_path: Path) -> None:
    (script,) = blocks("Asking the law")
    told = run(script.replace("tests/vectors", str(README.parent / "tests" / "vectors")), tmp_path)
    assert "ankang:complaints-2018#6.2" in told
    assert "2026-02-24" in told
    assert re.search(r"^[1-9][0-9]* passed, 0 failed$", told, re.M)


@pytest.mark.skipif(which("openssl") is None, reason="no openssl: the operators' commands are left out")
def test_an_operator_sets_up_one_machine(tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text(UNITS, encoding="utf-8")
    machine, _, later = blocks("For operators")
    front_end = next(block for block in blocks("For integrators") if "wenze client create" in block)
    register, ask, _ = front_end.splitlines()
    ending = later.replace("wenze worker ", "wenze worker --once ")
    set_up = machine.replace("wenze serve --with-worker", "wenze tenant list")
    told = run("\n".join([set_up, register, ending, "wenze oauth purge ankang"]), tmp_path)
    assert re.search(r"^address  http\S+/t/ankang/oauth/invitation\ncode     \S+ ", told, re.M)
    assert "client_secret" in told
    assert "2 created; written" in told
    assert "安康市 / Ankang" in told
    assert "ankang is served at https://wenze.ankang.example.cn" in told
    assert re.search(r"^active    \S+\nretiring  \S+$", told, re.M)
    assert "0 authorizations, " in told
    asked = run(f"WENZE= CLIENT_ID= STATE= VERIFIER={VERIFIER}\n{ask.replace('xdg-open', 'echo')}", tmp_path)
    assert f"&code_challenge={create_s256_code_challenge(VERIFIER)}&code_challenge_method=S256" in asked
