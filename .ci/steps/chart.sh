# The chart, with helm and a real API server; sourced by .ci/run. Without helm it is fetched and built,
# and without that nothing passes.
if ! command -v helm >/dev/null 2>&1; then
  say "chart: installing helm"
  HELM_BIN=$(mktemp -d /tmp/howdah-ci.XXXXXX)
  GOBIN=$HELM_BIN go install helm.sh/helm/v3/cmd/helm@latest
  PATH=$HELM_BIN:$PATH
fi
if ! command -v etcd >/dev/null 2>&1; then
  say "chart: installing etcd"
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends etcd-server
fi
helm version --short
say "chart: rendering, a client made from what is rendered, a real API server"
helm/tests/run
