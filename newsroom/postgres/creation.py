"""Test databases, made by the owner of the tables."""

from typing import Any

from django.db.backends.postgresql import creation


class DatabaseCreation(creation.DatabaseCreation):
    """Test databases are created, copied and dropped by the owner."""

    def create_test_db(self, *args: Any, **kwargs: Any) -> str:
        """Create the test database and migrate it.

        Tests run with one login, the owner's, and the app's role: then ``as_owner()`` also works within the
        transaction that Django's TestCase keeps open.
        """
        settings_dict = self.connection.settings_dict
        owner = settings_dict["OWNER"]
        settings_dict.update({key: owner[key] for key in ("USER", "PASSWORD", "HOST", "PORT")})
        return super().create_test_db(*args, **kwargs)
