"""How the page looks to one person in one browser: theme, single-key shortcuts, row density. Kept in cookies."""

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from quotes.templatetags.verbatim import LOOKS, chosen_looks
from quotes.views.errors import is_swap, unreadable

# Seconds. The longest that browsers keep a cookie is 400 days; a year is plainer.
KEPT = 365 * 24 * 60 * 60


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep the choice and go back; a swap gets the form again and the event ``verbatim:looks`` for session.js."""
    chosen = {name: request.POST[name] for name in LOOKS if name in request.POST}
    if any(value not in LOOKS[name] for name, value in chosen.items()):
        return unreadable(request, "That is no choice of theme, shortcuts, density or language.")
    response: HttpResponse
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = "/"
    if is_swap(request):
        now = chosen_looks(request.COOKIES) | chosen
        response = render(request, "shared/preferences.html", {"looks_now": now, "next": back})
        response["HX-Trigger"] = json.dumps({"verbatim:looks": now})
    else:
        response = HttpResponseRedirect(back)
        response.status_code = 303
    for name, value in chosen.items():
        response.set_cookie(
            name, value, max_age=KEPT, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
        )
    return response
