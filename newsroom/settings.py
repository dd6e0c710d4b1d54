"""Settings of Verbatim: one file, values from the environment (README, configuration table).

Never more open than asked for: without DEBUG=1 this is a production set-up.
"""

import os
import sys
from pathlib import Path

from django.utils.csp import CSP

from newsroom import database, environment, logs

BASE_DIR = Path(__file__).resolve().parent.parent
ENV = os.environ

# --- How it runs -------------------------------------------------------------------------------------------------

DEBUG = environment.flag(ENV, "DEBUG")
# The demo shows our own error pages, so it is not DEBUG; it only may make its own key and serve plain http.
DEMO = environment.flag(ENV, "VERBATIM_DEMO") or sys.argv[1:2] == ["demo"]
DATA_DIR = database.data_directory(ENV)
SECRET_KEY = environment.secret_key(ENV, DATA_DIR, may_generate=DEBUG or DEMO)
SECRET_KEY_FALLBACKS = environment.words(ENV, "SECRET_KEY_FALLBACKS")

ALLOWED_HOSTS = environment.hosts(ENV, "ALLOWED_HOSTS", debug=DEBUG)
CSRF_TRUSTED_ORIGINS = environment.origins(ENV, "CSRF_TRUSTED_ORIGINS")
PORT = environment.number(ENV, "PORT", 8000, least=1, most=65535)

# A server that answers to loopback names only cannot be reached from a network by name, so plain http is safe there.
_LOCAL_ONLY = set(ALLOWED_HOSTS) <= set(environment.LOOPBACK) and not any(
    origin.startswith("https:") for origin in CSRF_TRUSTED_ORIGINS
)
HTTPS = environment.flag(ENV, "HTTPS", default=not (DEBUG or DEMO or _LOCAL_ONLY))

# --- The newsroom's own rules ------------------------------------------------------------------------------------

# How many full passes by different people make a quote verified (PRODUCT.md §3, invariant 3).
VERIFICATION_CHECKS = environment.number(ENV, "VERIFICATION_CHECKS", 2, least=1, most=9)
# Minutes after which somebody else may take over a claimed quote.
CLAIM_MINUTES = environment.number(ENV, "CLAIM_MINUTES", 120, least=1, most=10080)

# --- Rooms -------------------------------------------------------------------------------------------------------

ROOT_URLCONF = "newsroom.urls"
WSGI_APPLICATION = "newsroom.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "quotes.apps.QuotesConfig",
    "whitenoise.runserver_nostatic",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]

# The order is the protection: what stands above Away needs no database, and what stands below it may fail.
MIDDLEWARE = [
    "newsroom.middleware.RequestLog",
    "newsroom.middleware.Headers",
    "newsroom.middleware.Health",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "newsroom.middleware.NotCached",
    "newsroom.middleware.Away",
    "newsroom.middleware.BadInput",
    "newsroom.middleware.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "newsroom.middleware.SessionLimits",
    "newsroom.middleware.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    # Innermost: what allauth does once all is written, like its mails, still asks it for the request.
    "newsroom.middleware.OwnAccount",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "quotes.search.navigation.waiting",
            ],
        },
    },
]

# --- Database and cache ------------------------------------------------------------------------------------------

DATABASES = database.databases(ENV)

# Only counters of failed sign-ins live here; the table comes with a migration of quotes.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "throttle",
        "OPTIONS": {"MAX_ENTRIES": 20000},
    },
}

# --- People ------------------------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["newsroom.accounts.SignInBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"

ACCOUNT_ADAPTER = "newsroom.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# The adapter makes that letter and throws it away: an address that nobody has costs as much as one that exists.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Verbatim] "
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
# A whole newsroom may sit behind one address: the account is throttled tightly, the address loosely.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "60/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/15m/key",
}
ALLAUTH_TRUSTED_PROXY_COUNT = environment.number(ENV, "TRUSTED_PROXY_COUNT", 0, least=0, most=9)
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Verbatim"
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Browsers treat http://localhost as a secure place, fido2 does not; outside of https only.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

# --- Sessions and cookies ----------------------------------------------------------------------------------------

SESSION_ENGINE = "newsroom.sessions"
# Seconds. Idle: no request for so long; absolute: since signing in, however busy (newsroom.middleware.SessionLimits).
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_ABSOLUTE_AGE = 7 * 24 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
CSRF_FAILURE_VIEW = "quotes.views.errors.csrf_failure"

# --- What browsers may do ----------------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_PROXY_SSL_HEADER = environment.proxy_header(ENV, "SECURE_PROXY_SSL_HEADER")
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# --- Static files ------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(ENV.get("STATIC_ROOT") or BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static"]
_COLLECTED = not (DEBUG or DEMO)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "newsroom.static.CollectedStorage"
        if _COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}
# Before the first collectstatic the files are served from where they lie, so a bare start shows a whole page.
WHITENOISE_USE_FINDERS = not _COLLECTED or not (STATIC_ROOT / "staticfiles.json").exists()
WHITENOISE_AUTOREFRESH = DEBUG

# --- Mail, language, time ----------------------------------------------------------------------------------------

MAILERS = {"default": environment.mailer(ENV, "EMAIL_URL", console=DEBUG or DEMO)}
# Where the links of a mail lead: a command that sends it has no request to ask.
SITE_URL = (
    ENV.get("SITE_URL")
    or next(iter(CSRF_TRUSTED_ORIGINS), "")
    or (f"https://{ALLOWED_HOSTS[0]}" if HTTPS and ALLOWED_HOSTS else f"http://127.0.0.1:{PORT}")
).rstrip("/")
SITE_URL_IS_GIVEN = bool(ENV.get("SITE_URL"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENV.get("DEFAULT_FROM_EMAIL") or "verbatim@localhost"

LANGUAGE_CODE = environment.language(ENV, "LANGUAGE_CODE")
# What allauth says, in our words.
LOCALE_PATHS = [BASE_DIR / "newsroom" / "locale"]
TIME_ZONE = environment.time_zone(ENV, "TIME_ZONE")
USE_TZ = True
USE_I18N = True

# --- Logs --------------------------------------------------------------------------------------------------------

LOGGING = logs.configuration(level=(ENV.get("LOG_LEVEL") or "INFO").upper(), plain=DEBUG)
# With DEBUG a traceback would hide that only the database is away.
DEFAULT_EXCEPTION_REPORTER = "newsroom.reports.ReportOrRefuse"
