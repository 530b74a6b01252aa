# One image for every part: `komek run` runs all of them, `komek run web` or `komek run reader sender` some.

FROM python:3.13-slim AS build
RUN python -m venv /venv
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# Only wheels, each checked against its locked hash: no compiler is needed, and nothing else can slip in.
COPY requirements.txt /app/
RUN /venv/bin/pip install --require-hashes --only-binary :all: -r /app/requirements.txt
COPY pyproject.toml README.md LICENSE /app/
COPY bot /app/bot
COPY console /app/console
COPY storage /app/storage
COPY handlers /app/handlers
COPY relief /app/relief
COPY locales /app/locales
# In place, so that the data packs and catalogues are the files one sees in /app.
RUN /venv/bin/pip install --no-deps --no-build-isolation --editable /app \
 && /venv/bin/python -m compileall -q /venv /app

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin komek \
 && install -d -o komek -g komek -m 0700 /var/lib/komek
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    KOMEK_HOST=0.0.0.0 \
    KOMEK_PORT=8080 \
    KOMEK_METRICS_PORT=9464 \
    KOMEK_LOG=json \
    KOMEK_VAR_DIR=/var/lib/komek
USER komek
WORKDIR /app
VOLUME /var/lib/komek
EXPOSE 8080 9464
# Ready, whichever parts it works: docs/operations.md.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['KOMEK_METRICS_PORT'] + '/health/ready', timeout=4)"]
# Long enough to finish the turns and sends in hand.
STOPSIGNAL SIGTERM
ENTRYPOINT ["komek"]
CMD ["run"]
