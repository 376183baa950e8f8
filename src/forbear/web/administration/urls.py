"""The addresses of the house's own affairs."""

from django.urls import path

from forbear.web.administration import people, programs, settings

app_name = "administration"
urlpatterns = [
    path("people", people.people, name="people"),
    path("people/new", people.new, name="person_new"),
    path("people/<int:staff_id>", people.person, name="person"),
    path("people/<int:staff_id>/<str:act>", people.act, name="person_act"),
    path("people/changes/<int:change_id>", people.decide, name="account_change"),
    path("programs", programs.programs, name="programs"),
    path("programs/<int:key_id>/end", programs.end, name="key_end"),
    path("hooks/<int:webhook_id>/end", programs.end_webhook_view, name="webhook_end"),
    path("hooks/<int:webhook_id>/resume", programs.resume_webhook_view, name="webhook_resume"),
    path("settings", settings.settings_page, name="settings"),
]
