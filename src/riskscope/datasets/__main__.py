"""Write the folder ``datasets/``: ``python -m riskscope.datasets FOLDER``."""

from __future__ import annotations

import argparse
from pathlib import Path

from riskscope.datasets import load_customers, load_register
from riskscope.datasets.dictionary import readme
from riskscope.words import _


def write(folder: Path) -> None:
    """Write both tables and their data dictionary into a folder."""
    customers, register = load_customers(), load_register()
    folder.mkdir(parents=True, exist_ok=True)
    customers.to_csv(folder / "customers.csv", index=False, lineterminator="\n", encoding="utf-8")
    for name, frame in (("customers", customers), ("register", register)):
        frame.to_parquet(folder / f"{name}.parquet", engine="pyarrow", compression="zstd", index=False)
    (folder / "README.md").write_text(readme(customers, register), encoding="utf-8", newline="\n")


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and write the folder."""
    parser = argparse.ArgumentParser(
        prog="python -m riskscope.datasets",
        description=_("Write the embedded tables and their data dictionary."),
    )
    parser.add_argument("folder", type=Path, help=_("where to write; made if it is not there"))
    write(parser.parse_args(arguments).folder)


if __name__ == "__main__":
    main()
