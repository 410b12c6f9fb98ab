# A server on the CPU; compose.yaml starts it, docs/containers.md says more.
FROM python:3.11-slim

WORKDIR /app
COPY requirements.txt constraints.txt ./
COPY scripts/setup.sh scripts/
RUN scripts/setup.sh /opt/venv requirements.txt
COPY . .
RUN useradd --create-home --uid 1000 annotator \
    && mkdir -p videos outputs checkpoints \
    && chown -R annotator videos outputs checkpoints
USER 1000
EXPOSE 8000
VOLUME ["/app/videos", "/app/outputs", "/app/checkpoints"]
HEALTHCHECK --start-period=60s CMD ["/opt/venv/bin/python", "-c", \
    "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=5)"]
ENTRYPOINT ["/opt/venv/bin/python", "server.py", "--host", "0.0.0.0"]
