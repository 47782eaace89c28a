# The image of the host, for operator mode and as the sidecar. docs/operations/image.md says how to
# build it.

FROM eclipse-temurin:25-jdk-noble AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends maven=3.8.7-* \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.m2 \
    mvn -q -B -pl host-app -am -DskipTests -Dmaven.test.skip=true -Dformat.skip package \
    && build/image /opt/howdah

# The caches are made by the very JVM that will use them, from the very jars.
FROM eclipse-temurin:25-jre-noble AS caches
COPY --from=build /opt/howdah /opt/howdah
RUN /opt/howdah/build/aot-cache && rm -r /opt/howdah/build

FROM eclipse-temurin:25-jre-noble
LABEL org.opencontainers.image.title="Howdah" \
      org.opencontainers.image.description="Many CloudNativePG plugins in one process" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=caches /opt/howdah /opt/howdah
# Nothing is written but here and to /tmp; both are volumes in a Pod, so that the root can be read-only.
RUN install -d -o 10001 -g 10001 /var/lib/howdah
ENV HOWDAH_HOME=/var/lib/howdah \
    HOWDAH_BUILD=never
WORKDIR /var/lib/howdah
USER 10001:10001
EXPOSE 9090 8081 8443
ENTRYPOINT ["/opt/howdah/howdah"]
CMD ["serve"]
