"""The table of contents of the OParl interface, below ``/oparl/``."""

from django.urls import path, re_path

from reporting.api import oparl

app_name = "oparl"
urlpatterns = [
    path("", oparl.SystemView.as_view(), name="system"),
    path("bodies/", oparl.BodyList.as_view(), name="bodies"),
    path("bodies/1/", oparl.BodyView.as_view(), name="body"),
    *(path(f"bodies/1/{kind}/", oparl.EmptyList.as_view(), {"kind": kind}, name=kind) for kind in oparl.KEPT_ELSEWHERE),
    path("papers/", oparl.PaperList.as_view(), name="papers"),
    path("papers/<int:pk>/", oparl.PaperView.as_view(), name="paper"),
    path("files/", oparl.FileList.as_view(), name="files"),
    path("files/<int:pk>/", oparl.FileView.as_view(), name="file"),
    path("files/<int:pk>/access/", oparl.Bytes.as_view(), {"as_attachment": False}, name="access"),
    path("files/<int:pk>/download/", oparl.Bytes.as_view(), {"as_attachment": True}, name="download"),
    path("consultations/", oparl.ConsultationList.as_view(), name="consultations"),
    path("consultations/<int:pk>/<int:number>/", oparl.ConsultationView.as_view(), name="consultation"),
    re_path(r"^(?P<rest>[\s\S]*)\Z", oparl.Nothing.as_view(), name="nothing"),
]
