"""The three doors: accounts, the admin, and the desk with everything else."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path


def may_enter_admin(request: HttpRequest) -> bool:
    """Let curators and above in, and lead strangers to the sign-in; everybody else is told 403 at once.

    Raises:
        PermissionDenied: for somebody signed in without the right; Django would send them to sign in once more.
    """
    if request.user.is_authenticated and not request.user.is_staff:
        raise PermissionDenied
    return bool(request.user.is_active and request.user.is_authenticated)


# The admin has no sign-in page of its own: the second factor and the throttling are those of /accounts/login/.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.has_permission = may_enter_admin  # type: ignore[method-assign]

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("quotes.urls")),
]

handler400 = "quotes.views.errors.bad_request"
handler403 = "quotes.views.errors.forbidden"
handler404 = "quotes.views.errors.not_found"
handler500 = "quotes.views.errors.server_error"
handler429 = "quotes.views.errors.too_many"
