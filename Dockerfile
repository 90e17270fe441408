# A sandbox by default:  docker build -t mynumber-idp .  &&  docker run --rm -p 127.0.0.1:8000:8000 mynumber-idp
# Production: mount a settings file and secrets, set IDP_CONFIG, and put a TLS proxy in front. See conf/README.md.
FROM python:3.11-slim AS build
COPY . /src
RUN ["/src/scripts/docker-build-steps", "/src", "/opt/idp"]

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/idp --create-home --shell /usr/sbin/nologin idp
COPY --from=build /opt/idp /opt/idp
# Inside the container every address is the container's own; the port that docker publishes decides who gets in.
ENV PATH=/opt/idp/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 IDP_WEB__BIND=0.0.0.0:8000
USER 10001
WORKDIR /var/lib/idp
VOLUME /var/lib/idp
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=4s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=3)"]
CMD ["idp", "serve"]
