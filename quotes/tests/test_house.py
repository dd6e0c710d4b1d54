"""The source keeps the rules of the house (HOUSE.md); test_house_rules shows that each rule can fail."""

from pathlib import Path

import django.forms
import pytest
from django.apps import apps

from quotes.tests.house import markup, source, tree
from quotes.tests.house.findings import Rule, files, unexcused

PYTHON = list(files("manage.py", "newsroom/**/*.py", "quotes/**/*.py"))
TEMPLATES = list(files("templates/**/*.html", "templates/**/*.svg"))
SCRIPTS = list(files("static/**/*.js"))
STYLES = list(files("static/**/*.css"))


def broken(rule: Rule, texts: list[tuple[str, str]]) -> list[str]:
    """List what a rule finds in these files, without the exceptions that give a reason."""
    return [str(found) for path, text in texts for found in unexcused(rule(path, text), path, text)]


def told(rule: Rule, found: list[str]) -> str:
    """Give the rule in words and every place that breaks it."""
    return "\n".join([rule.__doc__ or "", *found])


@pytest.mark.parametrize("rule", source.RULES, ids=lambda rule: rule.__name__)
def test_python_keeps_each_rule_of_the_house(rule):
    found = broken(rule, PYTHON)
    assert not found, told(rule, found)


@pytest.mark.parametrize("rule", markup.TEMPLATE_RULES, ids=lambda rule: rule.__name__)
def test_templates_keep_each_rule_of_the_house(rule):
    found = broken(rule, TEMPLATES)
    assert not found, told(rule, found)


@pytest.mark.parametrize("rule", markup.SCRIPT_RULES, ids=lambda rule: rule.__name__)
def test_scripts_keep_each_rule_of_the_house(rule):
    found = broken(rule, SCRIPTS)
    assert not found, told(rule, found)


@pytest.mark.parametrize("rule", markup.STYLE_RULES, ids=lambda rule: rule.__name__)
def test_style_sheets_keep_each_rule_of_the_house(rule):
    found = broken(rule, STYLES)
    assert not found, told(rule, found)


def test_every_template_is_rendered_by_something():
    folders = [Path(config.path) / "templates" for config in apps.get_app_configs()]
    folders.append(Path(django.forms.__file__).parent / "templates")
    named = {
        path.removeprefix("templates/"): text for path, text in TEMPLATES if path.startswith("templates/")
    }
    unmentioned = list(tree.unmentioned_templates(named, [text for _, text in PYTHON], folders))
    assert not unmentioned, unmentioned


def test_every_script_and_style_sheet_is_loaded_by_something():
    static = [path.removeprefix("static/") for path, _ in SCRIPTS + STYLES]
    users = dict(PYTHON + TEMPLATES + SCRIPTS + STYLES)
    unloaded = list(tree.unloaded_files(static, users))
    assert not unloaded, unloaded


def test_the_rules_read_the_files_they_are_about():
    assert "quotes/urls.py" in dict(PYTHON)
    assert any(path.startswith("templates/") for path, _ in TEMPLATES)
    assert SCRIPTS
    assert STYLES
