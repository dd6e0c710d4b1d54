"""The settings of the house for tests: nothing of whoever starts them decides a result, only the database is theirs."""

import os

for _name in (
    *(
        "DEBUG",
        "VERBATIM_DEMO",
        "HTTPS",
        "ALLOWED_HOSTS",
        "CSRF_TRUSTED_ORIGINS",
        "SECURE_PROXY_SSL_HEADER",
        "PORT",
    ),
    *("TRUSTED_PROXY_COUNT", "EMAIL_URL", "DEFAULT_FROM_EMAIL", "LANGUAGE_CODE", "TIME_ZONE", "LOG_LEVEL"),
    *("VERIFICATION_CHECKS", "CLAIM_MINUTES", "SECRET_KEY_FALLBACKS", "STATIC_ROOT"),
):
    os.environ.pop(_name, None)
os.environ["SECRET_KEY"] = "only-for-tests-" + "x" * 50

from newsroom.settings import *  # noqa: E402, F403

# Signing in costs a quarter of a second with Argon2; one test asks for the real one.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Pages name static files by their plain names, whether or not somebody ran collectstatic here.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
