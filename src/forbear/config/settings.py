"""Django's settings. Everything a lender chooses is in lender.yaml or the environment; the rest is fixed here.

The home is named by FORBEAR_HOME. FORBEAR_DATABASE overrides lender.yaml's `database`, so that a password
need not be in a file. FORBEAR_PROXIES is how many proxies stand in front.
Keys are made on first use in the home's `data/keys`, readable by their owner only.
"""

import os
from datetime import timedelta
from pathlib import Path

import django

from forbear.config.database import database
from forbear.config.logs import logging_settings
from forbear.interchange.home.country import language_of
from forbear.interchange.home.field_keys import FieldKeys
from forbear.interchange.home.keys import secret, secrets_of
from forbear.interchange.home.lender import open_home
from forbear.interchange.home.sign_in import sign_in
from forbear.store.roles import ROLES

HOME = open_home(Path(os.environ.get("FORBEAR_HOME", ".")))

#: How staff sign in, by sign_in.yaml.
SIGN_IN = sign_in(HOME, ROLES)
#: How many proxies of the lender's own stand in front; see forbear.web.proxy.
PROXIES = int(os.environ.get("FORBEAR_PROXIES") or 0)
SECRET_KEY = secret(HOME, "web").hex()
SECRET_KEY_FALLBACKS = [former.hex() for former in secrets_of(HOME, "web")[1:]]
#: How what is personal or secret in the database is sealed and opened, with a key outside of it.
FIELD_KEYS = FieldKeys(HOME)
DEBUG = False
ALLOWED_HOSTS = HOME.hosts
_HTTPS = HOME.url.startswith("https:")
_HOST = "__Host-" if _HTTPS else ""
CSRF_TRUSTED_ORIGINS = [HOME.url] if HOME.url.startswith("https:") else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "django_cotton",
    "django_filters",
    "django_tables2",
    "forbear.store",
]
MIDDLEWARE = [
    "forbear.web.observe.observed",
    "forbear.web.clock.timed",
    "forbear.web.headers.careful",
    "forbear.web.proxy.own_address",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "forbear.web.plain_text.WithoutNul",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "forbear.web.session.ended_in_time",
    "forbear.web.errors.told_plainly",
    "forbear.web.recall.Recall",
    "forbear.web.form_token.SentOnce",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "axes.middleware.AxesMiddleware",
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_CLIENT_IP_CALLABLE = "forbear.web.proxy.network_of"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [
            Path(__file__).parents[1] / "web" / "pages",
            Path(django.__file__).parent / "forms" / "templates",
        ],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "forbear.web.guard.desk_context",
            ],
            # {% csrf_token %} of ours also draws the form's own token
            "builtins": ["forbear.web.templatetags.csrf"],
            "libraries": {
                "forbear": "forbear.web.templatetags.forbear",
                "lists": "forbear.web.templatetags.lists",
                "forms": "forbear.web.templatetags.forms",
                "terms": "forbear.web.templatetags.terms",
            },
        },
    }
]
# the components of all pages, see web/pages/components; each sees what it is given and nothing else of a page
COTTON_DIR = "components"
COTTON_ISOLATE_BY_DEFAULT = True
FORM_RENDERER = "forbear.web.forms.Renderer"
CSRF_FAILURE_VIEW = "forbear.web.errors.csrf_failure"
ROOT_URLCONF = "forbear.config.urls"

#: How long another's lock is waited for; `forbear serve` sets less than workers have.
LOCK_SECONDS = int(os.environ.get("FORBEAR_LOCK_SECONDS") or 30)
DATABASES = {
    "default": database(os.environ.get("FORBEAR_DATABASE", HOME.database), HOME.folder / "data", LOCK_SECONDS)
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

#: For browsers that ask for neither language.
LANGUAGE_CODE = "zh-hans" if language_of(HOME) == "zh" else "en"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
TIME_ZONE = HOME.timezone
USE_TZ = True
USE_I18N = True
LOCALE_PATHS = [Path(__file__).parents[1] / "locale"]
FORMAT_MODULE_PATH = ["forbear.config.formats"]

STATIC_URL = "static/"
STATICFILES_DIRS = [Path(__file__).parents[1] / "web" / "static"]
WHITENOISE_USE_FINDERS = True
# the pieces of the web font bear their content's digest
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+-[0-9a-f]{12}\.woff2$"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
# a browser takes these names over https only, for this host alone, so that no neighbouring host can set them
SESSION_COOKIE_NAME = f"{_HOST}sessionid"
CSRF_COOKIE_NAME = f"{_HOST}csrftoken"
LANGUAGE_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

AUTH_USER_MODEL = "store.Staff"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "home"
SESSION_COOKIE_AGE = SIGN_IN.session.longest_hours * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
if HOME.is_demo:
    PASSWORD_HASHERS = ["forbear.store.passwords.DemoHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "forbear.store.passwords.LongEnough",
        "OPTIONS": {"min_length": SIGN_IN.password.least_length},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    *(
        [
            {
                "NAME": "django.contrib.auth.password_validation.CommonPasswordValidator",
                "OPTIONS": {"password_list_path": HOME.folder / SIGN_IN.password.known_bad},
            }
        ]
        if SIGN_IN.password.known_bad
        else []
    ),
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

LOGGING = logging_settings()
