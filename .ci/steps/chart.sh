# The chart, with helm; sourced by .ci/run. Without helm it is fetched and built, and without that
# nothing passes.
if ! command -v helm >/dev/null 2>&1; then
  say "chart: installing helm"
  HELM_BIN=$(mktemp -d /tmp/howdah-ci.XXXXXX)
  GOBIN=$HELM_BIN go install helm.sh/helm/v3/cmd/helm@latest
  PATH=$HELM_BIN:$PATH
fi
helm version --short
say "chart: rendering, and a client made from what is rendered"
helm/tests/run
