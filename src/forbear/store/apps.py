"""The app as Django knows it."""

from django.apps import AppConfig


class Store(AppConfig):
    """All tables of Forbear."""

    name = "forbear.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"
