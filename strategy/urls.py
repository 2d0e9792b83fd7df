"""The frame: start page, strategies to choose from, and the settings of one."""

app_name = "strategy"
urlpatterns = []
