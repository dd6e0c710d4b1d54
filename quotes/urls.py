"""Every address, grouped by task. Ids are uids, slugs or ASCII digits; any other spelling is 404."""

from django.urls import URLPattern, URLResolver, path

from quotes import converters
from quotes.views import health

converters.register()

# --- desk --------------------------------------------------------------------------------------------------------
desk: list[URLPattern] = []

# --- search ------------------------------------------------------------------------------------------------------
search: list[URLPattern] = []

# --- statements --------------------------------------------------------------------------------------------------
statements: list[URLPattern] = []

# --- speakers ----------------------------------------------------------------------------------------------------
speakers: list[URLPattern] = []

# --- articles ----------------------------------------------------------------------------------------------------
articles: list[URLPattern] = []

# --- probes and files that browsers ask for by themselves --------------------------------------------------------
site: list[URLPattern] = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("robots.txt", health.robots, name="robots"),
    path("favicon.ico", health.favicon, name="favicon"),
]

urlpatterns: list[URLPattern | URLResolver] = [*desk, *search, *statements, *speakers, *articles, *site]
