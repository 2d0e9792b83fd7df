# Built in two steps, so that npm and its packages stay out of what runs.
FROM python:3.13-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends libatomic1 && rm -rf /var/lib/apt/lists/*
WORKDIR /portal
RUN python -m venv .venv && python -m venv /opt/node
COPY requirements.txt requirements-node.txt ./
RUN .venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt \
    && /opt/node/bin/pip install --no-cache-dir --require-hashes -r requirements-node.txt
COPY package.json package-lock.json .npmrc ./
RUN PATH="/opt/node/bin:$PATH" npm ci --omit=dev
COPY . .
RUN .venv/bin/python -m worksttogether.vendor \
    && .venv/bin/pybabel compile -D django -d locale \
    && rm -rf node_modules
# Collecting files asks for no secret and no service, but production settings want every variable named.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    ALLOWED_HOSTS=build BASE_URL=https://build DATABASE_URL=postgres://build/build REDIS_URL=redis://build \
    EMAIL_URL=smtp://build EMAIL_FROM=build@build \
    .venv/bin/python manage.py collectstatic --no-input

FROM python:3.13-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
       fonts-dejavu-core libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 postgresql-client-15 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /portal portal && mkdir /var/lib/portal && chown portal /var/lib/portal
WORKDIR /portal
COPY --from=build /portal .
ENV PATH="/portal/.venv/bin:$PATH" PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp VAR_DIR=/var/lib/portal
USER portal
EXPOSE 8000
CMD ["gunicorn", "--config", "python:worksttogether.gunicorn"]
