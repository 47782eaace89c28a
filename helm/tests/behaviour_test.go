package tests

import (
	"crypto/x509"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	certmanager "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	admission "k8s.io/api/admissionregistration/v1"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	policy "k8s.io/api/policy/v1"
	rbac "k8s.io/api/rbac/v1"
	extensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

func same(t *testing.T, what string, got, wanted any) {
	t.Helper()
	if g, w := show(got), show(wanted); g != w {
		t.Errorf("%s: %s instead of %s", what, g, w)
	}
}

func show(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func names(services []*core.Service) []string {
	var found []string
	for _, service := range services {
		found = append(found, service.Labels["cnpg.io/pluginName"]+"="+service.Name)
	}
	slices.Sort(found)
	return found
}

func TestDefaults(t *testing.T) {
	r := render(t, "defaults.yaml")
	same(t, "plugins", names(r.pluginServices()), []string{
		"audit.howdah.dev=howdah-audit", "configuration.howdah.dev=howdah-configuration", "logging.howdah.dev=howdah-logging"})
	same(t, "replicas", *all[*apps.Deployment](r)[0].Spec.Replicas, 2)
	same(t, "a plugin that isn't wanted", r.at("howdah", "plugins", "hello-world"), map[string]any{"enabled": false})
	same(t, "trust", r.at("howdah", "grpc", "tls", "client-certificates"), "/etc/howdah/tls/client/ca.crt")
	same(t, "budget", all[*policy.PodDisruptionBudget](r)[0].Spec.MaxUnavailable, 1)
	same(t, "test", all[*core.Pod](r)[0].Annotations["helm.sh/hook"], "test")
	without[*admission.ValidatingWebhookConfiguration](t, r)
	without[*monitoring.ServiceMonitor](t, r)
}

func TestPluginsHaveTheirSettings(t *testing.T) {
	r := render(t, "all-plugins.yaml")
	same(t, "plugins", len(r.pluginServices()), 4)
	same(t, "fail policy", r.at("howdah", "plugins", "hello-world", "fail-policy", "pre"), "fail")
	same(t, "required", r.at("howdah", "plugins", "hello-world", "required"), true)
	same(t, "deadline", r.at("howdah", "plugins", "hello-world", "limits", "deadlines", "lifecycle-hook"), "10s")
	if !slices.Contains(certifiedNames(t, r), "logging.example.org") {
		t.Error("an alias isn't in the certificate")
	}
}

// The operator trusts what is in the server's tls.crt. With the authority in it, it trusts the next
// certificate as well as the one that a Pod still serves.
func TestGeneratedCertificatesRotateWithoutAGap(t *testing.T) {
	r := render(t, "defaults.yaml")
	server, client := named[*core.Secret](r, "howdah-server-tls"), named[*core.Secret](r, "howdah-client-tls")
	chain := chainOf(t, server.Data["tls.crt"])
	same(t, "certificates in tls.crt", len(chain), 2)
	authority := x509.NewCertPool()
	authority.AddCert(chain[1])
	for purpose, certificate := range map[x509.ExtKeyUsage]*x509.Certificate{
		x509.ExtKeyUsageServerAuth: chain[0], x509.ExtKeyUsageClientAuth: chainOf(t, client.Data["tls.crt"])[0],
	} {
		if _, err := certificate.Verify(x509.VerifyOptions{Roots: authority, KeyUsages: []x509.ExtKeyUsage{purpose}}); err != nil {
			t.Error(err)
		}
	}
	same(t, "what the host trusts", string(client.Data["ca.crt"]), string(named[*core.Secret](r, "howdah-authority").Data["tls.crt"]))
	for _, service := range r.pluginServices() {
		if service.Annotations["cnpg.io/pluginServerSecret"] == "howdah-authority" {
			t.Error("the authority's key is nobody's business")
		}
	}
}

func TestCertManagerIssuesFromAnIntermediate(t *testing.T) {
	r := render(t, "cert-manager.yaml")
	without[*core.Secret](t, r)
	server := named[*certmanager.Certificate](r, "howdah-server")
	same(t, "issuer", server.Spec.IssuerRef.Name, "howdah-intermediate")
	same(t, "validity", server.Spec.Duration.Duration.Hours(), 90*24)
	same(t, "renewal", server.Spec.RenewBefore.Duration.Hours(), 30*24)
	same(t, "the authority's issuer", named[*certmanager.Certificate](r, "howdah-intermediate").Spec.IssuerRef.Name, "howdah-root")
	same(t, "the root's issuer", named[*certmanager.Certificate](r, "howdah-root").Spec.IssuerRef.Name, "howdah-self-signed")
	for _, name := range []string{"howdah-self-signed", "howdah-root", "howdah-intermediate"} {
		named[*certmanager.Issuer](r, name)
	}
	if !slices.Contains(server.Spec.DNSNames, "howdah.example.org") {
		t.Error("an extra name isn't in the certificate")
	}
	same(t, "client", named[*certmanager.Certificate](r, "howdah-client").Spec.Usages, []string{"digital signature", "client auth"})
}

func TestAForeignIssuerPinsTheClient(t *testing.T) {
	r := render(t, "cert-manager-issuer.yaml")
	same(t, "issuers", len(all[*certmanager.Issuer](r)), 0)
	same(t, "issuer", named[*certmanager.Certificate](r, "howdah-server").Spec.IssuerRef.Kind, "ClusterIssuer")
	same(t, "trust", r.at("howdah", "grpc", "tls", "client-certificates"), "/etc/howdah/tls/client/tls.crt")
}

func TestExistingSecrets(t *testing.T) {
	r := render(t, "existing-secrets.yaml")
	without[*core.Secret](t, r)
	without[*certmanager.Certificate](t, r)
	same(t, "server", r.pluginServices()[0].Annotations["cnpg.io/pluginServerSecret"], "howdah-server")
	same(t, "client", r.pluginServices()[0].Annotations["cnpg.io/pluginClientSecret"], "howdah-client")
}

func TestAnOldOperatorAsksByTheServicesName(t *testing.T) {
	for _, service := range render(t, "old-operator.yaml").pluginServices() {
		if _, given := service.Annotations["cnpg.io/pluginServerName"]; given {
			t.Errorf("%s has a server name", service.Name)
		}
	}
}

func TestDropIns(t *testing.T) {
	r := render(t, "drop-in-images.yaml")
	same(t, "mode", r.at("howdah", "discovery", "verification", "mode"), "enforce")
	same(t, "pin", r.at("howdah", "discovery", "verification", "sha256", "[team-label.jar]"), strings.Repeat("0123456789abcdef", 4))
	same(t, "places", r.at("howdah", "discovery", "plugins"), []string{"/drop-ins/team-label", "/drop-ins/other"})
	same(t, "a plugin's own setting", r.at("howdah", "plugins", "other", "colour"), "red")
	for _, mount := range r.host().VolumeMounts {
		if strings.HasPrefix(mount.Name, "drop-in") && !mount.ReadOnly {
			t.Errorf("%s can be written to", mount.Name)
		}
		if mount.Name == "drop-in-other" {
			same(t, "folder", mount.SubPath, "plugins")
		}
	}
	for _, volume := range r.mustPod().Spec.Volumes {
		if volume.Name == "drop-in-team-label" {
			same(t, "image", volume.Image.Reference, "registry.example/team-label:1.0.0")
		}
	}

	copied := render(t, "drop-in-init-containers.yaml")
	same(t, "copy", copied.mustPod().Spec.InitContainers[0].Command[4:], []string{"/plugin", "team-label"})
	same(t, "places", copied.at("howdah", "discovery", "plugins"), []string{"/drop-ins/team-label"})

	claimed := render(t, "drop-in-claim.yaml")
	same(t, "folder", claimed.at("howdah", "discovery", "directory"), "/drop-in")
}

func TestWebhooksFailOpenUnlessSomethingDenies(t *testing.T) {
	r := render(t, "webhooks.yaml")
	hook := all[*admission.ValidatingWebhookConfiguration](r)[0]
	same(t, "policy", hook.Webhooks[0].FailurePolicy, "Ignore")
	same(t, "path", hook.Webhooks[0].ClientConfig.Service.Path, "/admission/validate")
	same(t, "operations", hook.Webhooks[0].Rules[0].Operations, []string{"CREATE", "UPDATE", "DELETE"})
	same(t, "selector", hook.Webhooks[0].NamespaceSelector.MatchLabels, map[string]string{"howdah": "yes"})
	same(t, "resources", hook.Webhooks[0].Rules[0].Resources, []string{"clusters", "clusters/scale"})
	same(t, "conditions", len(hook.Webhooks[0].MatchConditions), 1)
	same(t, "authority", string(hook.Webhooks[0].ClientConfig.CABundle), string(named[*core.Secret](r, "howdah-authority").Data["tls.crt"]))
	mutating := all[*admission.MutatingWebhookConfiguration](r)[0]
	same(t, "path", mutating.Webhooks[0].ClientConfig.Service.Path, "/admission/mutate")
	if !strings.HasPrefix(mutating.Name, "00-howdah") {
		t.Error("the operator's webhook would see the Cluster before us")
	}
	service := named[*core.Service](r, hook.Webhooks[0].ClientConfig.Service.Name)
	if !slices.Contains(certifiedNames(t, r), service.Name+"."+namespace+".svc") {
		t.Error("the API server would refuse the certificate")
	}
	same(t, "listening", r.at("howdah", "admission", "address"), ":8443")

	denying := render(t, "webhooks-deny.yaml")
	validating := all[*admission.ValidatingWebhookConfiguration](denying)[0]
	same(t, "policy", validating.Webhooks[0].FailurePolicy, "Fail")
	same(t, "authority", validating.Annotations["cert-manager.io/inject-ca-from"], "cnpg-system/howdah-server")

	without[*admission.MutatingWebhookConfiguration](t, render(t, "ports.yaml"))
}

func TestAuditFilesHaveAVolumeEach(t *testing.T) {
	r := render(t, "audit-files.yaml")
	set := all[*apps.StatefulSet](r)[0]
	without[*apps.Deployment](t, r)
	claim := set.Spec.VolumeClaimTemplates[0]
	same(t, "size", claim.Spec.Resources.Requests.Storage().String(), "20Gi")
	same(t, "class", claim.Spec.StorageClassName, "fast")
	same(t, "kept", set.Spec.PersistentVolumeClaimRetentionPolicy.WhenDeleted, "Retain")
	named[*core.Service](r, set.Spec.ServiceName)
	same(t, "folder", r.at("howdah", "audit", "file", "directory"), "/var/lib/howdah-audit/trail")
	same(t, "a setting", r.at("howdah", "audit", "file", "keep-files"), 100)
	same(t, "standard output", r.at("howdah", "audit", "stdout", "enabled"), false)
	same(t, "key", r.at("howdah", "audit", "key"), map[string]any{"create": false, "file": "/etc/howdah/audit-key/audit.pem"})

	plain := render(t, "audit-stdout.yaml")
	without[*apps.StatefulSet](t, plain)
	same(t, "standard output", plain.at("howdah", "audit", "stdout", "enabled"), true)
	same(t, "file", plain.at("howdah", "audit", "file", "enabled"), false)
}

func TestTheSidecarsSettingsAreOneDocument(t *testing.T) {
	r := render(t, "sidecar.yaml")
	document := named[*core.ConfigMap](r, r.at("howdah", "sidecar", "config-map").(string)).Data["sidecar.yaml"]
	for _, line := range []string{"revision: 1\n", "image: registry.example/howdah:0.1.0\n", "logLevel: debug\n",
		"selector: stage in (test, staging)\n", "plugins.metrics.interval: 30s\n"} {
		if !strings.Contains(document, line) {
			t.Errorf("the sidecar's settings lack %q:\n%s", line, document)
		}
	}
	unnamed := render(t, "watch-namespaces.yaml")
	document = named[*core.ConfigMap](unnamed, "howdah-sidecar").Data["sidecar.yaml"]
	if !strings.Contains(document, "image: "+unnamed.host().Image) {
		t.Error("without an image of its own the sidecar is of the release's")
	}
}

func TestObjectStoresAreDefinedWhereTheirPluginIsOn(t *testing.T) {
	const name = "objectstores.barmancloud.cnpg.io"
	defined := named[*extensions.CustomResourceDefinition](render(t, "object-store.yaml"), name)
	same(t, "when the release goes", defined.Annotations["helm.sh/resource-policy"], "keep")
	without[*extensions.CustomResourceDefinition](t, render(t, "object-store.yaml", "crds.create=false"))
	without[*extensions.CustomResourceDefinition](t, render(t, "defaults.yaml"))
}

func TestTheObjectStoresRightsComeWithItsPlugin(t *testing.T) {
	granted := func(r *rendering) (rights []string) {
		for _, role := range all[*rbac.ClusterRole](r) {
			for _, rule := range role.Rules {
				if slices.Contains(rule.APIGroups, "barmancloud.cnpg.io") {
					rights = append(rights, show(rule.Resources)+show(rule.Verbs))
				}
			}
		}
		return rights
	}
	same(t, "rights", granted(render(t, "object-store.yaml")), []string{`["objectstores"]["get"]`, `["objectstores/status"]["patch"]`})
	same(t, "without it", len(granted(render(t, "defaults.yaml"))), 0)
}

func TestTracesGoWhereTheyAreWanted(t *testing.T) {
	r := render(t, "traces.yaml")
	same(t, "tracing", r.at("howdah", "tracing"), map[string]any{"endpoint": "http://collector.observability:4318/v1/traces", "sampling": 0.1})
	if strings.Contains(render(t, "defaults.yaml").text, "tracing") {
		t.Error("traces without a collector")
	}
}

func TestRightsStayWhereTheyAreNeeded(t *testing.T) {
	watched := render(t, "watch-namespaces.yaml")
	without[*rbac.ClusterRole](t, watched)
	for _, role := range all[*rbac.Role](watched) {
		if !slices.Contains([]string{namespace, "team-a", "team-b"}, role.Namespace) {
			t.Errorf("rights in %s", role.Namespace)
		}
	}
	none := render(t, "no-kubernetes.yaml")
	without[*rbac.Role](t, none)
	same(t, "token", none.mustPod().Spec.AutomountServiceAccountToken, false)
}

func TestMonitoring(t *testing.T) {
	r := render(t, "monitoring.yaml")
	monitor := all[*monitoring.ServiceMonitor](r)[0]
	same(t, "label", monitor.Labels["release"], "prometheus")
	same(t, "path", monitor.Spec.Endpoints[0].Path, "/actuator/prometheus")
	if got := len(all[*monitoring.PrometheusRule](r)[0].Spec.Groups); got < 1 {
		t.Error("no alerts")
	}
	for _, config := range all[*core.ConfigMap](r) {
		for name, text := range config.Data {
			if strings.HasSuffix(name, ".json") {
				same(t, "label", config.Labels["grafana_dashboard"], "1")
				if !json.Valid([]byte(text)) {
					t.Errorf("%s isn't JSON", name)
				}
			}
		}
	}
}

// Each alert leads to a section that says what to do, and nothing asks for a metric nobody makes.
func TestEachAlertHasItsRunbookAndKnownMetrics(t *testing.T) {
	book := read(t, "../../docs/operations/alerts.md")
	known := read(t, "../../docs/reference/metrics.md") + strings.ReplaceAll(read(t, "../../docs/plugins/audit.md"), ".", "_")
	metric := regexp.MustCompile(`howdah_[a-z_]+`)
	suffix := regexp.MustCompile(`_(bucket|count|sum|total|seconds)$`)
	for _, group := range all[*monitoring.PrometheusRule](render(t, "monitoring.yaml"))[0].Spec.Groups {
		for _, rule := range group.Rules {
			if rule.Alert == "" {
				continue
			}
			if !strings.Contains(book, "## "+rule.Alert+"\n") {
				t.Errorf("docs/operations/alerts.md has no section %s", rule.Alert)
			}
			if !strings.HasSuffix(rule.Annotations["runbook_url"], "#"+strings.ToLower(rule.Alert)) {
				t.Errorf("%s leads to %s", rule.Alert, rule.Annotations["runbook_url"])
			}
			for _, text := range []string{"summary", "description"} {
				if rule.Annotations[text] == "" {
					t.Errorf("%s has no %s", rule.Alert, text)
				}
			}
			if rule.Labels["severity"] == "" {
				t.Errorf("%s has no severity", rule.Alert)
			}
		}
	}
	files := []string{"../howdah/files/rules/howdah.yaml", "../howdah/files/dashboards/howdah.json"}
	for _, file := range files {
		for _, name := range metric.FindAllString(read(t, file), -1) {
			if !strings.Contains(known, name) && !strings.Contains(known, suffix.ReplaceAllString(name, "")) {
				t.Errorf("%s asks for %s, which no page of metrics knows", file, name)
			}
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestImagesComeFromTheMirror(t *testing.T) {
	r := render(t, "digest-and-mirror.yaml")
	if image := r.host().Image; !strings.HasPrefix(image, "mirror.example:5000/howdah/howdah@sha256:0123") {
		t.Error(image)
	}
	same(t, "pull secrets", r.mustPod().Spec.ImagePullSecrets[0].Name, "mirror")
	same(t, "name", all[*apps.Deployment](r)[0].Name, "seat")
	same(t, "Service", r.pluginServices()[0].Name, "seat-audit")
}

func TestExtras(t *testing.T) {
	r := render(t, "extras.yaml")
	same(t, "a template in an extra object", named[*core.ConfigMap](r, "howdah-more").Data["key"], "value")
	same(t, "label", all[*apps.Deployment](r)[0].Labels["team"], "databases")
	same(t, "annotation", r.pluginServices()[0].Annotations["note"], "all of them")
	same(t, "containers", len(r.mustPod().Spec.Containers), 2)
	same(t, "more configuration", r.at("howdah", "limits", "threads"), 16)
	same(t, "the chart's own beside it", r.at("howdah", "mode"), "operator")
}

func TestAChangedConfigurationRollsThePods(t *testing.T) {
	sum := func(values ...string) string { return render(t, values...).mustPod().Annotations["checksum/config"] }
	if sum("defaults.yaml") == sum("defaults.yaml", "plugins.hello-world.enabled=true") {
		t.Error("Pods go on with the old configuration")
	}
	same(t, "checksum", sum("defaults.yaml"), sum("defaults.yaml", "replicas=3"))
}

// docs/operations/installing.md, "What a change restarts".
func TestWhatIsSaidToRestartNoPodOfTheHostRestartsNone(t *testing.T) {
	pod := func(set ...string) string {
		return show(render(t, append([]string{"sidecar.enabled=true", "webhooks.enabled=true"}, set...)...).mustPod())
	}
	before := pod()
	for _, quiet := range []string{
		"replicas=3", "rbac.watchNamespaces={app}", "networkPolicy.enabled=false", "podDisruptionBudget.maxUnavailable=2",
		"metrics.serviceMonitor.enabled=true", "metrics.prometheusRule.enabled=true", "metrics.dashboards.enabled=true",
		"operator.podLabels.app=cnpg", "sidecar.revisions.2.logLevel=debug", "sidecar.settings.a=b",
		"sidecar.rollout[0].selector=stage,sidecar.rollout[0].revision=1",
		"webhooks.failurePolicy=Fail", "webhooks.timeoutSeconds=5", "webhooks.namespaceSelector.matchLabels.a=b",
		"webhooks.objectSelector.matchLabels.a=b", "webhooks.matchConditions[0].name=a,webhooks.matchConditions[0].expression=object != null",
	} {
		if pod(quiet) != before {
			t.Errorf("%s restarts the host's Pods", quiet)
		}
	}
	for _, loud := range []string{
		"java.options=-Xmx300m", "image.tag=v2", "logging.format=text", "grpc.port=9999", "sidecar.enabled=false",
		"tracing.endpoint=http://collector:4318/v1/traces", "webhooks.enabled=false", "plugins.hello-world.enabled=true",
	} {
		if pod(loud) == before {
			t.Errorf("%s doesn't reach the host's Pods", loud)
		}
	}
}

func TestPreStopSuitsTheKubernetes(t *testing.T) {
	same(t, "1.29", renderFor(t, oldest, "defaults.yaml").host().Lifecycle.PreStop.Exec.Command, []string{"sleep", "5"})
	same(t, "1.33", render(t, "defaults.yaml").host().Lifecycle.PreStop.Sleep.Seconds, 5)
	if render(t, "small.yaml").host().Lifecycle != nil {
		t.Error("nothing to wait for, but it waits")
	}
}

// What can't work is refused with a sentence that says why.
func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		values     []string
		kubernetes string
		says       string
	}{
		"another namespace":        {[]string{"operator.namespace=other"}, usual, "CloudNativePG finds plugins only in its own"},
		"an unknown value":         {[]string{"replicaCount=3"}, usual, "additional properties 'replicaCount' not allowed"},
		"an unknown nested value":  {[]string{"image.repo=x"}, usual, "additional properties 'repo' not allowed"},
		"an unknown plugin value":  {[]string{"plugins.audit.foo=x"}, usual, "additional properties 'foo' not allowed"},
		"a wrong choice":           {[]string{"certificates.mode=none"}, usual, "certificates/mode"},
		"no plugin":                {[]string{"plugins.audit.enabled=false", "plugins.logging.enabled=false", "plugins.configuration.enabled=false"}, usual, "No plugin is enabled"},
		"one name twice":           {[]string{"plugins.other.name=audit.howdah.dev"}, usual, "are both called audit.howdah.dev"},
		"one Service twice":        {[]string{"plugins.other.serviceName=howdah-audit"}, usual, "both have the Service howdah-audit"},
		"a name too long":          {[]string{"plugins." + strings.Repeat("a", 60) + ".enabled=true"}, usual, "more than 63 characters"},
		"missing Secrets":          {[]string{"certificates.mode=existing"}, usual, "certificates.existing.serverSecret"},
		"webhooks without trust":   {[]string{"existing-secrets.yaml", "webhooks.enabled=true"}, usual, "webhooks.caBundle"},
		"one port twice":           {[]string{"http.port=9090"}, usual, "http.port"},
		"image volumes too early":  {[]string{"drop-in-images.yaml"}, "1.32.0", "need Kubernetes 1.33"},
		"too little time to stop":  {[]string{"terminationGracePeriodSeconds=30"}, usual, "terminationGracePeriodSeconds"},
		"a revision that isn't":    {[]string{"sidecar.enabled=true", "sidecar.revision=3"}, usual, "sidecar.revision is 3"},
		"Kubernetes too old":       {nil, "1.28.0", "incompatible"},
		"renewal before the start": {[]string{"certificates.validDays=30"}, usual, "renewBeforeDays"},
		"a hash that is none":      {[]string{"dropIns.sha256.a=123"}, usual, "dropIns/sha256"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := template(c.kubernetes, c.values...); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("helm says %v instead of %q", err, c.says)
			}
		})
	}
}

func TestTheChartPassesLint(t *testing.T) {
	if out, err := helm("lint", "--strict", "../howdah", "--namespace", namespace, "--kube-version", usual); err != nil {
		t.Errorf("%v%s", err, out)
	}
}

// Schema, reference, rights and manifests follow from the chart.
func TestWhatIsMadeFromTheChartIsUpToDate(t *testing.T) {
	out, err := exec.Command("go", "run", "./generate", "..", "--check").CombinedOutput()
	if err != nil {
		t.Errorf("%s", out)
	}
}

// Notes are rendered for an installation only, which takes an API server: here as a template of a copy.
func TestNotesShowHowAClusterEnablesPlugins(t *testing.T) {
	chart := filepath.Join(t.TempDir(), "howdah")
	if err := os.CopyFS(chart, os.DirFS("../howdah")); err != nil {
		t.Fatal(err)
	}
	object := `{{ define "notes" }}` + read(t, "../howdah/templates/NOTES.txt") +
		"{{ end }}\nkind: Notes\nnotes: |\n{{ include \"notes\" . | indent 2 }}\n"
	if err := os.WriteFile(filepath.Join(chart, "templates/notes.yaml"), []byte(object), 0o600); err != nil {
		t.Fatal(err)
	}
	notes, err := helm("template", release, chart, "--namespace", namespace, "--kube-version", usual, "--show-only", "templates/notes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"    spec:\n      plugins:\n", "        - name: audit.howdah.dev\n", "helm test howdah --namespace cnpg-system"} {
		if !strings.Contains(notes, line) {
			t.Errorf("the notes lack %q", line)
		}
	}
}
