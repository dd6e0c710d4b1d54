# Verbatim as an image. One process (gunicorn), no root, one volume (/data: the secret key that DEBUG makes,
# audit checkpoints, and the embedded PostgreSQL when no DATABASE_URL is given).

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
RUN python -m venv /opt/venv
COPY requirements.txt ./
RUN /opt/venv/bin/python -m pip install --require-hashes -r requirements.txt
COPY manage.py ./
COPY newsroom ./newsroom
COPY quotes ./quotes
COPY templates ./templates
COPY static ./static
COPY fixtures ./fixtures
# Reads files only: no database is started or asked, and the key signs nothing.
RUN SECRET_KEY=only-for-collectstatic /opt/venv/bin/python manage.py collectstatic --noinput

FROM python:3.13-slim
# PostgreSQL refuses to run for root and for users that the machine has no name for.
RUN groupadd --gid 10001 verbatim \
 && useradd --uid 10001 --gid verbatim --home-dir /data --no-create-home --shell /usr/sbin/nologin verbatim \
 && install -d -o verbatim -g verbatim -m 0700 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LANG=C.UTF-8 \
    VERBATIM_DATA=/data \
    HOST=0.0.0.0 \
    PORT=8000
WORKDIR /app
USER verbatim
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=6s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/health/ready', timeout=5)"]
CMD ["gunicorn", "-c", "python:newsroom.gunicorn", "newsroom.wsgi"]
