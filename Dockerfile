# expt on a plain Debian, built from this folder:
#
#     docker build -t expt .
#     docker run --rm -v "$PWD":/work expt init --example quick
#     docker run --rm -v "$PWD":/work expt quick.yaml
#
# Runs go to the mounted folder. Add --user "$(id -u):$(id -g)" for files of your own.
FROM swift:6.2-bookworm AS build
RUN apt-get update -q \
  && apt-get install -y -q --no-install-recommends libyaml-dev zlib1g-dev \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
RUN swift build -c release --static-swift-stdlib --product expt \
  && cp "$(swift build -c release --static-swift-stdlib --show-bin-path)/expt" /expt \
  && strip /expt

FROM debian:bookworm-slim
RUN apt-get update -q \
  && apt-get install -y -q --no-install-recommends libyaml-0-2 zlib1g ca-certificates libcurl4 \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /expt /usr/local/bin/expt
WORKDIR /work
ENTRYPOINT ["expt"]
CMD ["--help"]
