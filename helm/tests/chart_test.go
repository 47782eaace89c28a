// Package tests holds the chart to what it promises. Objects are decoded strictly into the Go types
// that the API server itself uses, those of cert-manager and of the Prometheus operator included: a
// field that doesn't exist, or has another type, fails without any server or copied schema.
package tests

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	certmanager "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	admission "k8s.io/api/admissionregistration/v1"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	rbac "k8s.io/api/rbac/v1"
	extensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
)

const (
	release   = "howdah"
	namespace = "cnpg-system"
	// The oldest Kubernetes that the chart is for, and one with everything that it can use.
	oldest = "1.29.0"
	usual  = "1.33.0"
)

var decoder = func() runtime.Decoder {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		core.AddToScheme, apps.AddToScheme, rbac.AddToScheme, policy.AddToScheme, networking.AddToScheme,
		admission.AddToScheme, extensions.AddToScheme, certmanager.AddToScheme, monitoring.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			panic(err)
		}
	}
	return serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
}()

func TestMain(m *testing.M) {
	if _, err := exec.LookPath("helm"); err != nil {
		fmt.Fprintln(os.Stderr, "helm is missing: go install helm.sh/helm/v3/cmd/helm@latest")
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// helm runs helm and returns what it prints, or what it complains of as an error.
func helm(arguments ...string) (string, error) {
	command := exec.Command("helm", arguments...)
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	if err := command.Run(); err != nil {
		return out.String(), errors.New(problems.String())
	}
	return out.String(), nil
}

func template(kubernetes string, values ...string) (string, error) {
	arguments := []string{"template", release, "../howdah", "--namespace", namespace, "--kube-version", kubernetes}
	for _, value := range values {
		if strings.HasSuffix(value, ".yaml") {
			arguments = append(arguments, "--values", filepath.Join("values", value))
		} else {
			arguments = append(arguments, "--set", value)
		}
	}
	return helm(arguments...)
}

// rendering is what helm makes of values.
type rendering struct {
	t       *testing.T
	text    string
	objects []runtime.Object
}

func render(t *testing.T, values ...string) *rendering {
	t.Helper()
	return renderFor(t, usual, values...)
}

func renderFor(t *testing.T, kubernetes string, values ...string) *rendering {
	t.Helper()
	text, err := template(kubernetes, values...)
	if err != nil {
		t.Fatalf("helm template: %v", err)
	}
	result := &rendering{t: t, text: text}
	documents := yaml.NewYAMLToJSONDecoder(strings.NewReader(text))
	for {
		var document json.RawMessage
		if err := documents.Decode(&document); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("not YAML: %v", err)
		}
		if len(document) == 0 || string(document) == "null" {
			continue
		}
		object, _, err := decoder.Decode(document, nil, nil)
		if err != nil {
			t.Fatalf("not an object that Kubernetes knows: %v\n%s", err, document)
		}
		result.objects = append(result.objects, object)
	}
	return result
}

func all[T runtime.Object](r *rendering) []T {
	var found []T
	for _, object := range r.objects {
		if typed, ok := object.(T); ok {
			found = append(found, typed)
		}
	}
	return found
}

func named[T interface {
	runtime.Object
	meta.Object
}](r *rendering, name string) T {
	r.t.Helper()
	for _, object := range all[T](r) {
		if object.GetName() == name {
			return object
		}
	}
	var none T
	r.t.Fatalf("there is no %T %s", none, name)
	return none
}

func without[T interface {
	runtime.Object
}](t *testing.T, r *rendering) {
	t.Helper()
	if found := all[T](r); len(found) > 0 {
		t.Errorf("there are %T", found)
	}
}

// pod is the workload's template, and whether it is a Deployment's.
func (r *rendering) pod() (core.PodTemplateSpec, bool) {
	r.t.Helper()
	for _, deployment := range all[*apps.Deployment](r) {
		return deployment.Spec.Template, true
	}
	for _, set := range all[*apps.StatefulSet](r) {
		return set.Spec.Template, false
	}
	r.t.Fatal("there is no workload")
	return core.PodTemplateSpec{}, false
}

func (r *rendering) host() core.Container {
	pod, _ := r.pod()
	return pod.Spec.Containers[0]
}

// pluginServices are those that the operator takes for plugins.
func (r *rendering) pluginServices() []*core.Service {
	var found []*core.Service
	for _, service := range all[*core.Service](r) {
		if _, ok := service.Labels["cnpg.io/pluginName"]; ok {
			found = append(found, service)
		}
	}
	return found
}

// config is the host's configuration.
func (r *rendering) config() map[string]any {
	r.t.Helper()
	for _, volume := range r.mustPod().Spec.Volumes {
		if volume.Name == "config" {
			var config map[string]any
			text := named[*core.ConfigMap](r, volume.ConfigMap.Name).Data["howdah.yaml"]
			if err := yaml.Unmarshal([]byte(text), &config); err != nil {
				r.t.Fatalf("howdah.yaml: %v", err)
			}
			return config
		}
	}
	r.t.Fatal("the Pod has no volume config")
	return nil
}

func (r *rendering) mustPod() core.PodTemplateSpec {
	pod, _ := r.pod()
	return pod
}

// at follows a path of keys in the configuration; nil where there is nothing.
func (r *rendering) at(path ...string) any {
	var now any = r.config()
	for _, key := range path {
		tree, ok := now.(map[string]any)
		if !ok {
			return nil
		}
		now = tree[key]
	}
	return now
}

func valueSets(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("values/*.yaml")
	if err != nil || len(files) < 15 {
		t.Fatalf("%d value sets, %v", len(files), err)
	}
	for i, file := range files {
		files[i] = filepath.Base(file)
	}
	return files
}
