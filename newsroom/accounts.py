"""How allauth behaves here: nobody signs up, nobody changes their own address, plain words."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come from a curator (the admin) or the command line, never from a sign-up page."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Always False: PRODUCT.md §6, people are entered by a curator."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where to go after signing in without a ``next``: the desk."""
        return "/"

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """Say nothing on signing in and out: the page itself shows it, and a notice would outlive its moment."""
        template = kwargs.get("message_template") or (args[0] if args else "")
        if str(template).endswith(("/logged_in.txt", "/logged_out.txt")):
            return
        super().add_message(request, level, *args, **kwargs)
