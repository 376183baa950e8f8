"""Django's settings. Everything a lender chooses is in lender.yaml or the environment; the rest is fixed here.

The home is named by FORBEAR_HOME. FORBEAR_DATABASE overrides lender.yaml's `database`, so that a password
need not be in a file. Keys are made on first use in the home's `data/keys`, readable by their owner only.
"""

import os
from pathlib import Path

from forbear.config.database import database
from forbear.interchange.home import open_home
from forbear.interchange.keys import secret

HOME = open_home(Path(os.environ.get("FORBEAR_HOME", ".")))

SECRET_KEY = secret(HOME, "web").hex()
DEBUG = False
ALLOWED_HOSTS = HOME.hosts
CSRF_TRUSTED_ORIGINS = [HOME.url] if HOME.url.startswith("https:") else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "forbear.store",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parents[1] / "web" / "pages"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
ROOT_URLCONF = "forbear.config.urls"
ASGI_APPLICATION = "forbear.config.asgi.application"

DATABASES = {"default": database(os.environ.get("FORBEAR_DATABASE", HOME.database), HOME.folder / "data")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
TIME_ZONE = HOME.timezone
USE_TZ = True
USE_I18N = True
LOCALE_PATHS = [Path(__file__).parents[1] / "web" / "locale"]
FORMAT_MODULE_PATH = ["forbear.config.formats"]

STATIC_URL = "static/"
STATICFILES_DIRS = [Path(__file__).parents[1] / "web" / "static"]
WHITENOISE_USE_FINDERS = True

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HOME.url.startswith("https:")
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

AUTH_USER_MODEL = "store.Staff"
