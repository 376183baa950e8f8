"""The agency's addresses."""

from django.urls import path

from forbear.web.agency import cases, files, money

app_name = "agency"
urlpatterns = [
    path("", cases.cases, name="cases"),
    path("case/<int:placement_id>/", cases.case, name="case"),
    path("case/<int:placement_id>/take", cases.take, name="take"),
    path("case/<int:placement_id>/call", cases.call, name="call"),
    path("case/<int:placement_id>/outcome", cases.outcome, name="outcome"),
    path("case/<int:placement_id>/promise", cases.promise, name="promise"),
    path("case/<int:placement_id>/plan", cases.plan, name="plan"),
    path("case/<int:placement_id>/recording", cases.recording, name="recording"),
    path("case/<int:placement_id>/complaint", cases.complaint, name="complaint"),
    path("case/<int:placement_id>/return", cases.give_back, name="give_back"),
    path("card", money.card, name="card"),
    path("statements", money.statements, name="statements"),
    path("statements/<int:statement_id>", money.statement, name="statement"),
    path("statements/<int:statement_id>/accept", money.accept, name="accept"),
    path("statements/<int:statement_id>/dispute/<int:line_id>", money.dispute, name="dispute"),
    path("files", files.files, name="files"),
    path("files/cases.<str:form>", files.cases_file, name="cases_file"),
]
