"""The five groups of PRODUCT.md §6, each with the rights of the one before it.

Views ask for a right, never for a group, so a newsroom may add groups of its own. The permissions are made here when
the database is fresh: Django makes them only after the last migration.
"""

from django.db import migrations

VIEWED = [
    "speaker", "speakername", "tenure", "outlet", "article", "capture", "topic", "statement", "quote", "relay",
    "measure", "figure", "link", "evidence", "check", "standing", "claim", "importrun", "importrow", "auditevent",
    "savedsearch",
]  # fmt: skip
REFERENCE = ["speaker", "speakername", "tenure", "outlet", "topic", "measure"]


def each(actions: str, models: list[str], app: str = "quotes") -> list[str]:
    return [f"{app}.{action}_{model}" for model in models for action in actions.split()]


# What each group adds to the one before it.
RIGHTS = {
    "Reader": [*each("view", VIEWED), *each("add change delete", ["savedsearch"])],
    "Reporter": [
        *each("add change", ["statement", "quote", "article"]),
        *each("add change delete", ["relay", "figure"]),
        *each("add", ["capture", "evidence", "link", "importrun"]),
        "quotes.import_quotes",
    ],
    "Verifier": [
        "quotes.view_restricted",
        "quotes.add_check",
        "quotes.change_link",
        "quotes.decide_link",
        "quotes.join_statement",
        "quotes.merge_speaker",
        *each("add change delete", ["claim"]),
    ],
    "Curator": [
        *each("add change delete", REFERENCE),
        *each("view add change", ["user"], "auth"),
        "auth.view_group",
    ],
    "Administrator": [
        *each("change", ["group"], "auth"),
        *each("view add change delete", ["emailaddress"], "account"),
        *each("view delete", ["authenticator"], "mfa"),
        *each("view delete", ["usersession"], "usersessions"),
    ],
}
# The model of a right whose codename does not end in one.
MODELS = {
    "import_quotes": ("importrun", "Can import files"),
    "view_restricted": ("statement", "Can see off-record and embargoed statements"),
    "decide_link": ("link", "Can confirm and reject links"),
    "join_statement": ("statement", "Can join and split statements"),
    "merge_speaker": ("speaker", "Can merge and unmerge speakers"),
}


def make_groups(apps, schema_editor):
    content_type = apps.get_model("contenttypes", "ContentType")
    permission = apps.get_model("auth", "Permission")
    group = apps.get_model("auth", "Group")
    rights = []
    for name, added in RIGHTS.items():
        for right in added:
            app, codename = right.split(".")
            action, _, model = codename.partition("_")
            model, words = MODELS.get(codename, (model, f"Can {action} {model}"))
            kind, _ = content_type.objects.get_or_create(app_label=app, model=model)
            found, _ = permission.objects.get_or_create(
                content_type=kind, codename=codename, defaults={"name": words}
            )
            rights.append(found)
        made, _ = group.objects.get_or_create(name=name)
        made.permissions.add(*rights)


def remove_empty_groups(apps, schema_editor):
    # A group with members stays: going back must not forget who was what.
    apps.get_model("auth", "Group").objects.filter(name__in=RIGHTS, user=None).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("quotes", "0004_search"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_groups, remove_empty_groups)]
