"""Rules about what belongs together: templates and what renders them, static files and what loads them."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

# Django looks these up by name itself.
BY_NAME = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}


def unmentioned_templates(
    templates: dict[str, str], sources: Iterable[str], overridden: Iterable[Path]
) -> Iterator[str]:
    """Name the templates that no Python file and no other template mentions.

    A template that stands in for one of an installed app is mentioned by that app.

    Args:
        templates: name (``search/index.html``) to text.
        sources: the text of every Python file.
        overridden: template folders of the installed apps.
    """
    everything = "\n".join(sources)
    folders = list(overridden)
    for name in templates:
        if name in BY_NAME or any((folder / name).is_file() for folder in folders):
            continue
        # A partial is asked for as "name#part", or as f"name{part}" where the part is chosen; the quote mark before
        # keeps "search/index.html" from mentioning "index.html" too.
        asked = re.compile(rf"[\"']{re.escape(name)}[\"'#{{]")
        if asked.search(everything):
            continue
        if not any(asked.search(text) for other, text in templates.items() if other != name):
            yield name


def unloaded_files(static: Iterable[str], users: dict[str, str]) -> Iterator[str]:
    """Name the scripts and style sheets that no template, script, style sheet or Python file loads.

    Args:
        static: paths below static/.
        users: path to text of everything that may load one.
    """
    for name in static:
        base = name.rsplit("/", 1)[-1]
        if not any(base in text for path, text in users.items() if not path.endswith(f"static/{name}")):
            yield name
