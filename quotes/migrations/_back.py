"""The way back of migrations that replace functions: their definitions as an earlier file has them."""

import re
from pathlib import Path

SQL = Path(__file__).parent / "sql"


def definition(file: str, function: str) -> str:
    """Return a function as `file` defines it, put in the place of the present one.

    Args:
        file: in the folder `sql`, of the last migration before that defines it.
        function: its name.

    Raises:
        ValueError: when the file does not define it.
    """
    text = (SQL / file).read_text(encoding="utf-8")
    found = re.search(
        rf"^CREATE (?:OR REPLACE )?FUNCTION {function}\(.*?^(?:END )?\$\$;$", text, re.DOTALL | re.MULTILINE
    )
    if found is None:
        raise ValueError(f"{file} defines no {function}")
    return re.sub(r"\ACREATE (OR REPLACE )?", "CREATE OR REPLACE ", found.group())
