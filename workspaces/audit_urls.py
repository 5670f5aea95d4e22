"""The pages of the audit log, below `/audit/`."""

from django.urls import path

from workspaces.pages.audit_log import AuditEntryPage, AuditLogPage, ExportAuditPage, VerifyAuditPage

app_name = "audit"
urlpatterns = [
    path("", AuditLogPage.as_view(), name="list"),
    path("<int:pk>/", AuditEntryPage.as_view(), name="entry"),
    path("verify/", VerifyAuditPage.as_view(), name="verify"),
    path("export/", ExportAuditPage.as_view(), name="export"),
]
