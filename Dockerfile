# A server for one machine. Run it with the folders of your data mounted:
#   docker run -p 127.0.0.1:8000:8000 -v ./videos:/app/videos -v ./outputs:/app/outputs IMAGE
# It listens on every interface of the container, so it prints a URL with a token.
FROM python:3.11-slim

WORKDIR /app
COPY requirements.txt constraints.txt ./
COPY scripts/setup.sh scripts/
RUN scripts/setup.sh /opt/venv requirements.txt
COPY . .
EXPOSE 8000
VOLUME ["/app/videos", "/app/outputs", "/app/checkpoints"]
HEALTHCHECK CMD ["/opt/venv/bin/python", "-c", \
    "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=5)"]
ENTRYPOINT ["/opt/venv/bin/python", "server.py", "--host", "0.0.0.0"]
