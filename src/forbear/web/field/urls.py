"""The phone app's addresses. None holds personal data."""

from django.urls import path

from forbear.web.field import app

app_name = "field"
urlpatterns = [
    path("", app.shell, name="day"),
    path("worker.js", app.worker, name="worker"),
    path("app.webmanifest", app.manifest, name="manifest"),
    path("day", app.day, name="today"),
    path("sync", app.sync, name="sync"),
    path("visit/<str:visit_id>/leave", app.leave, name="leave"),
    path("visit/<str:visit_id>/recording", app.recording, name="recording"),
]
