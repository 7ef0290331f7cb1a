"""Nothing leaves the computer: importing, assessing and reporting work where every socket is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_CODE = """
import socket, sys

class Refused(socket.socket):
    def __init__(self, *arguments, **named):
        raise AssertionError("a socket was opened")

def refused(*arguments, **named):
    raise AssertionError("a name was looked up")

socket.socket = Refused
socket.create_connection = socket.getaddrinfo = refused

import pandas as pd
import riskscope as rs

people = pd.DataFrame({"sex": list("FFMM"), "age": [30, 30, 40, 41], "illness": list("abab")})
people["email"] = [f"p{n}@example.org" for n in range(4)]
people.to_csv(sys.argv[1], index=False)
table = rs.read_table(sys.argv[1])
for roles in (None, rs.Roles(quasi_identifiers=["sex", "age"], sensitive=["illness"])):
    answer = rs.assess(table.data, roles, register=people[["sex", "age"]])
    answer.to_html(sys.argv[2])
    answer.plot()
    answer._repr_html_()

from click.testing import CliRunner
from riskscope.cli import cli

assert CliRunner().invoke(cli, ["assess", sys.argv[1], "--json", "-"]).exit_code == 0
"""


def test_everything_works_without_a_network(tmp_path: Path) -> None:
    files = [str(tmp_path / "people.csv"), str(tmp_path / "report.html")]
    done = subprocess.run(
        [sys.executable, "-c", _CODE, *files], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert Path(files[1]).stat().st_size > 10_000
