"""The pages of workflows, below `/workflows/`."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from workflows.pages.activation import ActivatePage, ArchivePage, DeactivatePage, RestorePage
from workflows.pages.builder import BuilderPage
from workflows.pages.builder_parts import GraphPage, HistoryPage
from workflows.pages.builder_source import SourceEditorPage
from workflows.pages.callers import CallersPage
from workflows.pages.creating import NewWorkflowPage
from workflows.pages.detail import DetailPage, ExportPage, SourcePage
from workflows.pages.gallery import EntryPage, GalleryPage, SampleFilePage
from workflows.pages.importing import ImportDraftPage, ImportPage
from workflows.pages.lists import WorkflowListPage
from workflows.pages.requests import RequestPage
from workflows.pages.versions import DraftFromVersionPage, VersionPage, VersionsPage


class SlugConverter(StringConverter):
    """The slug of a workflow, as `common.names` has it."""

    regex = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"


class NumberConverter(StringConverter):
    """The number of a version: what every database holds as an integer."""

    regex = "[0-9]{1,9}"

    def to_python(self, value: str) -> int:  # type: ignore[override] # the stubs know texts alone
        """The number."""
        return int(value)


register_converter(SlugConverter, "workflow")
register_converter(NumberConverter, "number")

app_name = "workflows"
urlpatterns = [
    path("", WorkflowListPage.as_view(), name="list"),
    path("new/", NewWorkflowPage.as_view(), name="new"),
    path("import/", ImportPage.as_view(), name="import"),
    path("gallery/", GalleryPage.as_view(), name="gallery"),
    path("gallery/<workflow:entry>/", EntryPage.as_view(), name="gallery_entry"),
    path("gallery/<workflow:entry>/files/<str:name>", SampleFilePage.as_view(), name="gallery_file"),
    path("<workflow:slug>/", DetailPage.as_view(), name="detail"),
    path("<workflow:slug>/build/", BuilderPage.as_view(), name="builder"),
    path("<workflow:slug>/build/graph/", GraphPage.as_view(), name="builder_graph"),
    path("<workflow:slug>/build/history/", HistoryPage.as_view(), name="builder_history"),
    path("<workflow:slug>/source/", SourcePage.as_view(), name="source"),
    path("<workflow:slug>/build/source/", SourceEditorPage.as_view(), name="builder_source"),
    path("<workflow:slug>/import/", ImportDraftPage.as_view(), name="import_draft"),
    path("<workflow:slug>/export/", ExportPage.as_view(), name="export"),
    path("<workflow:slug>/activate/", ActivatePage.as_view(), name="activate"),
    path("<workflow:slug>/deactivate/", DeactivatePage.as_view(), name="deactivate"),
    path("<workflow:slug>/archive/", ArchivePage.as_view(), name="archive"),
    path("<workflow:slug>/restore/", RestorePage.as_view(), name="restore"),
    path("<workflow:slug>/callers/", CallersPage.as_view(), name="callers"),
    path("<workflow:slug>/requests/<number:pk>/", RequestPage.as_view(), name="request"),
    path("<workflow:slug>/versions/", VersionsPage.as_view(), name="versions"),
    path("<workflow:slug>/versions/<number:number>/", VersionPage.as_view(), name="version"),
    path(
        "<workflow:slug>/versions/<number:number>/draft/",
        DraftFromVersionPage.as_view(),
        name="draft_from_version",
    ),
]
