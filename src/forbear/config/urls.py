"""Every address of the web faces."""

from django.urls import include, path

from forbear.web.api.app import api
from forbear.web.hooks import payment_hook, provider_hook
from forbear.web.lists import views
from forbear.web.public import caller_check, check, demo, glossary, health, pages, phone, till
from forbear.web.sign_in import own, sso, way_in
from forbear.web.sign_in.way_out import SignOut

handler400 = "forbear.web.errors.bad_request"
handler403 = "forbear.web.errors.forbidden"
handler404 = "forbear.web.errors.not_found"
handler500 = "forbear.web.errors.server_error"
urlpatterns = [
    path("", pages.home, name="home"),
    path("demo/clock", demo.clock_state, name="demo_clock"),
    path("demo/hour", demo.next_hour, name="demo_hour"),
    path("demo/night", demo.next_night, name="demo_night"),
    path("demo/tour", demo.end_tour, name="demo_end_tour"),
    path("demo/<str:role>", demo.begin, name="demo_begin"),
    path("desk/", include("forbear.web.desk.urls")),
    path("administration/", include("forbear.web.administration.urls")),
    path("agency/", include("forbear.web.agency.urls")),
    path("field/", include("forbear.web.field.urls")),
    path("my/", include("forbear.web.portal.urls")),
    path("glossary", glossary.glossary, name="glossary"),
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("metrics", health.metrics, name="metrics"),
    path("verify", caller_check.verify, name="verify"),
    path("verify/report", caller_check.report, name="report"),
    path("verify/key", check.key_page, name="published_key"),
    path("verify/bundle", check.check_bundle, name="check_bundle"),
    path("say/<str:token>", pages.say, name="say"),
    path("stop/<str:token>", pages.stop, name="stop"),
    path("phone", phone.phone, name="phone"),
    path("paid/<str:provider>", payment_hook, name="payment_hook"),
    path("till/<str:order_id>", till.till, name="till"),
    path("hooks/<str:provider>", provider_hook, name="provider_hook"),
    path("hooks/<str:provider>/", provider_hook),  # as some providers write it
    path("sign-in", way_in.SignIn.as_view(), name="login"),
    path("sign-in/second", way_in.second, name="second"),
    path("sign-in/passkey", way_in.passkey, name="passkey"),
    path("sign-in/enrol", own.enrol, name="enrol"),
    path("sign-in/sso", sso.start, name="sso"),
    path("sign-in/sso/back", sso.back, name="sso_back"),
    path("own/views/<str:listing>", views.save, name="save_view"),
    path("own/views/<int:view_id>/remove", views.remove, name="remove_view"),
    path("own/menu", own.menu, name="menu"),
    path("own/drafts/<int:number>", own.drop, name="drop_draft"),
    path("own/password", own.password, name="own_password"),
    path("own/", own.mine, name="own"),
    path("own/prove", own.prove, name="own_prove"),
    path("own/changes/<int:change_id>/object", own.object_to_it, name="own_object"),
    path("own/add", own.add, name="own_add"),
    path("own/codes", own.codes, name="own_codes"),
    path("own/reviews/<int:review_id>", own.read, name="own_review"),
    path("own/remove/<int:factor_id>", own.remove, name="own_remove"),
    path("sign-out", SignOut.as_view(), name="logout"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", api.urls),
]
