"""Every address, grouped by task. Ids are uids, slugs or ASCII digits; any other spelling is 404."""

from django.urls import URLPattern, URLResolver, path

from quotes import converters
from quotes.views import activity as views_activity
from quotes.views import alerts as views_alerts
from quotes.views import articles as views_articles
from quotes.views import chains as views_chains
from quotes.views import compare as views_compare
from quotes.views import desk as views_desk
from quotes.views import figures as views_figures
from quotes.views import health, preferences
from quotes.views import imports as views_imports
from quotes.views import joining as views_joining
from quotes.views import links as views_links
from quotes.views import maps as views_maps
from quotes.views import merging as views_merging
from quotes.views import notes as views_notes
from quotes.views import quotes as views_quotes
from quotes.views import saved as views_saved
from quotes.views import search as views_search
from quotes.views import speakers as views_speakers
from quotes.views import statements as views_statements
from quotes.views import verify as views_verify

converters.register()

# --- desk --------------------------------------------------------------------------------------------------------
desk: list[URLPattern] = [path("", views_desk.desk, name="desk")]

# --- search ------------------------------------------------------------------------------------------------------
search: list[URLPattern] = [
    path("search/", views_search.search, name="search"),
    path("search/export/", views_search.export, name="search-export"),
    path("search/facets/<ascii-slug:name>/", views_search.facet, name="search-facet"),
    path("search/peek/<uid:uid>/", views_search.peek, name="search-peek"),
    path("jump/", views_search.jump, name="jump"),
    path("saved/", views_saved.saved, name="saved"),
    path("saved/new/", views_saved.save, name="saved-save"),
    path("saved/<ascii-int:key>/look/", views_saved.look, name="saved-look"),
    path("saved/<ascii-int:key>/mail/", views_saved.mail, name="saved-mail"),
    path("saved/<ascii-int:key>/take-away/", views_saved.take_away, name="saved-take-away"),
]

# --- statements --------------------------------------------------------------------------------------------------
statements: list[URLPattern] = [
    path("statements/<uid:uid>/", views_statements.statement, name="statement"),
    path("statements/<uid:uid>/receipt/", views_statements.receipt, name="statement-receipt"),
    path("statements/<uid:uid>/join/", views_joining.join, name="statement-join"),
    path("statements/<uid:uid>/split/", views_joining.split, name="statement-split"),
    path("statements/<uid:uid>/joined/<ascii-int:key>/undo/", views_joining.undo, name="statement-undo"),
    # “new” is three characters as well as a word: it comes before the quotes, and no quote may be called so.
    path("quotes/new/", views_quotes.new, name="quote-new"),
    path("quotes/<uid:uid>/", views_statements.quote, name="quote"),
    path("quotes/<uid:uid>/edit/", views_quotes.edit, name="quote-edit"),
    path("quotes/<uid:uid>/notes/", views_notes.notes, name="quote-notes"),
    path("quotes/<uid:uid>/notes/people/", views_notes.people, name="quote-people"),
]

# --- verify ------------------------------------------------------------------------------------------------------
verify: list[URLPattern] = [
    path("verify/", views_verify.verify, name="verify"),
    path("verify/<uid:uid>/", views_verify.verify_quote, name="verify-quote"),
]

# --- links -------------------------------------------------------------------------------------------------------
links: list[URLPattern] = [
    path("links/", views_links.links, name="links"),
    path("links/new/", views_links.new, name="link-new"),
    path("links/<ascii-int:key>/", views_links.link, name="link"),
    path("links/same/<ascii-int:key>/", views_links.same, name="link-same"),
]

# --- speakers ----------------------------------------------------------------------------------------------------
speakers: list[URLPattern] = [
    path("speakers/", views_speakers.speakers, name="speakers"),
    path("speakers/<ascii-slug:slug>/", views_speakers.speaker, name="speaker"),
    path("speakers/<ascii-slug:slug>/merge/", views_merging.merge, name="speaker-merge"),
    path("speakers/<ascii-slug:slug>/merged/<ascii-int:key>/undo/", views_merging.undo, name="speaker-undo"),
    # Beside the speakers, and not among them: each word below /speakers/ is somebody's slug.
    path("duplicates/", views_merging.who_may_be_one, name="duplicates"),
]

# --- articles ----------------------------------------------------------------------------------------------------
articles: list[URLPattern] = [
    path("articles/", views_articles.articles, name="articles"),
    path("articles/<ascii-int:key>/", views_articles.article, name="article"),
    path("articles/steps/", views_chains.steps, name="steps"),
    path("articles/steps/<ascii-int:key>/", views_chains.step, name="step"),
]

# --- figures -----------------------------------------------------------------------------------------------------
figures: list[URLPattern] = [
    path("figures/", views_figures.figures, name="figures"),
    path("figures/<ascii-slug:slug>/", views_figures.figure, name="figure"),
]

# --- compare -----------------------------------------------------------------------------------------------------
compare: list[URLPattern] = [
    path("compare/", views_compare.compare, name="compare"),
    path("links/map/", views_maps.map_page, name="map"),
]

# --- imports -----------------------------------------------------------------------------------------------------
imports: list[URLPattern] = [
    path("imports/", views_imports.index, name="imports"),
    path("imports/new/", views_imports.new, name="import-new"),
    path("imports/proposals/", views_imports.proposals, name="import-proposals"),
    path("imports/<ascii-int:key>/", views_imports.one, name="import"),
]

# --- activity ----------------------------------------------------------------------------------------------------
activity: list[URLPattern] = [
    path("activity/", views_activity.activity, name="activity"),
    path("activity/alerts/", views_alerts.alerts, name="alerts"),
    path("activity/alerts/<ascii-int:key>/", views_alerts.open_alert, name="alert"),
]

# --- probes and files that browsers ask for by themselves --------------------------------------------------------
site: list[URLPattern] = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("robots.txt", health.robots, name="robots"),
    path("favicon.ico", health.favicon, name="favicon"),
    path("preferences/", preferences.preferences, name="preferences"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *desk,
    *search,
    *statements,
    *verify,
    *links,
    *speakers,
    *articles,
    *figures,
    *compare,
    *activity,
    *imports,
    *site,
]
