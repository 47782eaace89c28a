package tests

import (
	"crypto/x509"
	"encoding/pem"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	certmanager "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	rbac "k8s.io/api/rbac/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// What holds for every set of values, on the oldest and on a new Kubernetes.
func TestEveryValueSet(t *testing.T) {
	for _, values := range valueSets(t) {
		for _, kubernetes := range []string{oldest, usual} {
			if kubernetes == oldest && values == "drop-in-images.yaml" {
				continue // image volumes came later; TestRefusals has that
			}
			t.Run(values+"/"+kubernetes, func(t *testing.T) {
				r := renderFor(t, kubernetes, values)
				checkMetadata(t, r)
				checkServices(t, r)
				checkServerNames(t, r)
				checkPods(t, r)
				checkRollout(t, r)
				checkRights(t, r)
				checkNetworkPolicy(t, r)
			})
		}
	}
}

func checkMetadata(t *testing.T, r *rendering) {
	seen := map[string]bool{}
	for _, object := range r.objects {
		kind := object.GetObjectKind().GroupVersionKind().Kind
		about := object.(meta.Object)
		id := kind + " " + about.GetNamespace() + "/" + about.GetName()
		if seen[id] {
			t.Errorf("%s comes twice", id)
		}
		seen[id] = true
		if len(about.GetName()) > 63 {
			t.Errorf("%s has too long a name", id)
		}
		if strings.HasPrefix(kind, "Cluster") || kind == "CustomResourceDefinition" || strings.HasSuffix(kind, "WebhookConfiguration") {
			continue
		}
		if kind != "Role" && kind != "RoleBinding" && about.GetNamespace() != namespace {
			t.Errorf("%s isn't in the release's namespace", id)
		}
	}
}

// A plugin is found by a label and three annotations; without any of them the operator looks away.
func checkServices(t *testing.T, r *rendering) {
	pod := r.mustPod()
	services := r.pluginServices()
	if len(services) == 0 {
		t.Error("there is no plugin")
	}
	for _, service := range all[*core.Service](r) {
		if !labels.SelectorFromSet(service.Spec.Selector).Matches(labels.Set(pod.Labels)) {
			t.Errorf("Service %s doesn't select the Pods", service.Name)
		}
		for _, port := range service.Spec.Ports {
			if !slices.ContainsFunc(pod.Spec.Containers[0].Ports, func(p core.ContainerPort) bool { return p.Name == port.TargetPort.StrVal }) {
				t.Errorf("Service %s leads to port %s, which the Pod hasn't", service.Name, port.TargetPort.StrVal)
			}
		}
	}
	for _, service := range services {
		annotation := func(key string) string {
			value := service.Annotations["cnpg.io/"+key]
			if value == "" {
				t.Errorf("Service %s has no annotation %s", service.Name, key)
			}
			return value
		}
		if service.Labels["app.kubernetes.io/part-of"] != "howdah" {
			t.Errorf("the doctor doesn't know Service %s for ours", service.Name)
		}
		if annotation("pluginPort") != strconv.Itoa(int(service.Spec.Ports[0].Port)) {
			t.Errorf("Service %s: the operator dials another port", service.Name)
		}
		if annotation("pluginServerSecret") != secretOf(pod, "server-tls") || annotation("pluginClientSecret") != secretOf(pod, "client-tls") {
			t.Errorf("Service %s and the Pod use different Secrets", service.Name)
		}
	}
}

func secretOf(pod core.PodTemplateSpec, volume string) string {
	for _, v := range pod.Spec.Volumes {
		if v.Name == volume {
			return v.Secret.SecretName
		}
	}
	return ""
}

// Whatever name the operator asks by, the host knows it and the certificate has it.
func checkServerNames(t *testing.T, r *rendering) {
	certified := certifiedNames(t, r)
	known := map[string]bool{}
	plugins := r.at("howdah", "plugins").(map[string]any)
	for _, settings := range plugins {
		aliases, _ := settings.(map[string]any)["aliases"].([]any)
		for _, alias := range aliases {
			known[alias.(string)] = true
		}
	}
	for _, service := range r.pluginServices() {
		name := service.Labels["cnpg.io/pluginName"]
		short := service.Name
		full := []string{short, short + "." + namespace, short + "." + namespace + ".svc"}
		for _, alias := range full {
			if !known[alias] {
				t.Errorf("the host doesn't know plugin %s as %s", name, alias)
			}
		}
		if certified == nil {
			continue // Secrets that the chart didn't make
		}
		for _, needed := range append(full, name) {
			if !slices.Contains(certified, needed) {
				t.Errorf("the certificate lacks %s", needed)
			}
		}
		if asked := service.Annotations["cnpg.io/pluginServerName"]; asked != "" && asked != name {
			t.Errorf("Service %s asks for %s", short, asked)
		}
	}
}

func certifiedNames(t *testing.T, r *rendering) []string {
	for _, certificate := range all[*certmanager.Certificate](r) {
		if slices.Contains(certificate.Spec.Usages, certmanager.UsageServerAuth) {
			return certificate.Spec.DNSNames
		}
	}
	for _, secret := range all[*core.Secret](r) {
		if secret.Name == secretOf(r.mustPod(), "server-tls") {
			return chainOf(t, secret.Data["tls.crt"])[0].DNSNames
		}
	}
	return nil
}

func chainOf(t *testing.T, text []byte) []*x509.Certificate {
	t.Helper()
	var chain []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		chain = append(chain, certificate)
	}
	if len(chain) == 0 {
		t.Fatal("no certificate")
	}
	return chain
}

// Mounts lead to volumes, nothing runs as root, nothing writes where it must not.
func checkPods(t *testing.T, r *rendering) {
	specs := []core.PodSpec{r.mustPod().Spec}
	for _, pod := range all[*core.Pod](r) {
		specs = append(specs, pod.Spec)
	}
	claims := map[string]bool{}
	for _, set := range all[*apps.StatefulSet](r) {
		for _, claim := range set.Spec.VolumeClaimTemplates {
			claims[claim.Name] = true
		}
	}
	for _, spec := range specs {
		volumes := map[string]bool{}
		for _, volume := range spec.Volumes {
			if volumes[volume.Name] {
				t.Errorf("volume %s comes twice", volume.Name)
			}
			volumes[volume.Name] = true
		}
		if spec.SecurityContext.RunAsNonRoot == nil || !*spec.SecurityContext.RunAsNonRoot ||
			spec.SecurityContext.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
			t.Error("a Pod isn't restricted")
		}
		for _, container := range append(spec.InitContainers, spec.Containers...) {
			paths := map[string]bool{}
			for _, mount := range container.VolumeMounts {
				if !volumes[mount.Name] && !claims[mount.Name] {
					t.Errorf("container %s mounts %s, which isn't there", container.Name, mount.Name)
				}
				if paths[mount.MountPath] {
					t.Errorf("container %s mounts two volumes at %s", container.Name, mount.MountPath)
				}
				paths[mount.MountPath] = true
			}
			if container.Name == "proxy" {
				continue // a user's own
			}
			security := container.SecurityContext
			if *security.AllowPrivilegeEscalation || !*security.ReadOnlyRootFilesystem ||
				!slices.Equal(security.Capabilities.Drop, []core.Capability{"ALL"}) {
				t.Errorf("container %s isn't restricted", container.Name)
			}
			if container.Resources.Limits.Memory().IsZero() || container.Resources.Requests.Memory().IsZero() {
				t.Errorf("container %s takes as much memory as it likes", container.Name)
			}
		}
	}
	host := r.host()
	if address := r.at("server", "address"); address != "0.0.0.0" {
		t.Errorf("the kubelet can't probe %v", address)
	}
	for _, probe := range []*core.Probe{host.StartupProbe, host.LivenessProbe, host.ReadinessProbe} {
		if probe.HTTPGet == nil || probe.HTTPGet.Port.StrVal != "http" {
			t.Error("a probe isn't HTTP")
		}
	}
	for _, volume := range r.mustPod().Spec.Volumes {
		if volume.Name == "client-tls" && (len(volume.Secret.Items) != 1 || volume.Secret.Items[0].Key == "tls.key") {
			t.Error("the host gets the client's key, which it needs for nothing")
		}
	}
}

// Nobody is without a host while Pods are replaced.
func checkRollout(t *testing.T, r *rendering) {
	pod, deployment := r.pod()
	if deployment {
		strategy := all[*apps.Deployment](r)[0].Spec.Strategy
		if strategy.Type != apps.RollingUpdateDeploymentStrategyType || strategy.RollingUpdate.MaxUnavailable.IntValue() != 0 {
			t.Error("a rolling update takes Pods away before there are others")
		}
	}
	drain, err := strconv.Atoi(strings.TrimSuffix(r.at("howdah", "grpc", "drain-timeout").(string), "s"))
	if err != nil {
		t.Fatal(err)
	}
	if host := r.host(); host.Lifecycle != nil {
		stop := host.Lifecycle.PreStop
		switch {
		case stop.Sleep != nil:
			drain += int(stop.Sleep.Seconds)
		case stop.Exec != nil:
			seconds, err := strconv.Atoi(stop.Exec.Command[1])
			if err != nil {
				t.Fatal(err)
			}
			drain += seconds
		}
	}
	if int(*pod.Spec.TerminationGracePeriodSeconds) <= drain {
		t.Error("Pods are killed while calls are in flight")
	}
}

// Never Secrets, never everything.
func checkRights(t *testing.T, r *rendering) {
	var rules []rbac.PolicyRule
	for _, role := range all[*rbac.Role](r) {
		rules = append(rules, role.Rules...)
	}
	for _, role := range all[*rbac.ClusterRole](r) {
		rules = append(rules, role.Rules...)
	}
	for _, rule := range rules {
		for _, word := range slices.Concat(rule.APIGroups, rule.Resources, rule.Verbs) {
			if word == "*" || word == "secrets" || word == "escalate" || word == "bind" || word == "impersonate" {
				t.Errorf("a right too many: %v", rule)
			}
		}
	}
	if pod := r.mustPod(); len(rules) > 0 && !*pod.Spec.AutomountServiceAccountToken {
		t.Error("there are rights, but no token")
	}
}

func checkNetworkPolicy(t *testing.T, r *rendering) {
	for _, policy := range all[*networking.NetworkPolicy](r) {
		open := map[string]bool{}
		for _, rule := range policy.Spec.Ingress {
			if len(rule.From) == 0 {
				for _, port := range rule.Ports {
					open[port.Port.StrVal] = true
				}
			}
		}
		for _, port := range r.host().Ports {
			if open[port.Name] != (port.Name != "grpc") {
				t.Errorf("port %s: open is %v", port.Name, open[port.Name])
			}
		}
	}
}

var generated = regexp.MustCompile(`(?m)^.*(tls\.crt|tls\.key|ca\.crt|valid-until|caBundle): .*$`)

// The same values give the same objects, but for keys that are made anew without an API server.
func TestTheSameValuesGiveTheSameObjects(t *testing.T) {
	for _, values := range valueSets(t) {
		first, err := template(usual, values)
		if err != nil {
			t.Fatal(err)
		}
		second, err := template(usual, values)
		if err != nil {
			t.Fatal(err)
		}
		if generated.ReplaceAllString(first, "") != generated.ReplaceAllString(second, "") {
			t.Errorf("%s renders differently the second time", values)
		}
	}
}
