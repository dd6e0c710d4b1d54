"""The three doors: accounts, the admin, and the desk with everything else."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

# The admin has no sign-in page of its own: the second factor and the throttling are those of /accounts/login/.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

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
