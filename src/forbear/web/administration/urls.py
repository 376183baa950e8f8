"""The addresses of the house's own affairs."""

from django.urls import path

from forbear.web.administration import people, programs, settings

app_name = "house"
urlpatterns = [
    path("people", people.people, name="people"),
    path("people/new", people.new, name="person_new"),
    path("people/<int:staff_id>", people.person, name="person"),
    path("people/<int:staff_id>/<str:act>", people.act, name="person_act"),
    path("grants/<int:grant_id>", people.decide, name="grant"),
    path("programs", programs.programs, name="programs"),
    path("programs/<int:key_id>/end", programs.end, name="key_end"),
    path("hooks/<int:hook_id>/end", programs.end_one_hook, name="hook_end"),
    path("settings", settings.settings_page, name="settings"),
]
