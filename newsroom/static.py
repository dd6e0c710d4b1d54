"""Static files in production: hashed and compressed by collectstatic, and plain when that was not run yet."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class CollectedStorage(CompressedManifestStaticFilesStorage):
    """Hashed names when collectstatic has run; without any manifest the plain names, never an error page.

    A manifest that exists but lacks a file is still an error: that is a broken build.
    """

    def stored_name(self, name: str) -> str:
        """Give the name under which a file is served.

        Args:
            name: path below the static directories.

        Raises:
            ValueError: when a manifest exists and does not know the file.
        """
        if not self.hashed_files:
            return name
        return str(super().stored_name(name))
