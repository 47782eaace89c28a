package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	apiv1 "github.com/cloudnative-pg/api/pkg/api/v1"
	"github.com/cloudnative-pg/cnpg-i/pkg/lifecycle"
	"github.com/cloudnative-pg/cnpg-i/pkg/operator"
	jsonpatch "github.com/evanphx/json-patch/v5"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

func TestAnInstancePodGetsLabelAndSidecar(t *testing.T) {
	pod := patched(t, clusterUsing(t, &apiv1.PluginConfiguration{
		Name: pluginName, Parameters: map[string]string{"label": "gold", "image": "example.com/correct:1"},
	}), "pod-instance.json")

	if pod.Labels[labelKey] != "gold" {
		t.Errorf("labels are %v", pod.Labels)
	}
	sidecar := containerNamed(pod.Spec.InitContainers, sidecarName)
	if sidecar == nil || sidecar.Image != "example.com/correct:1" {
		t.Fatalf("init containers are %v", pod.Spec.InitContainers)
	}
	if sidecar.RestartPolicy == nil || *sidecar.RestartPolicy != corev1.ContainerRestartPolicyAlways {
		t.Error("the sidecar isn't a native one")
	}
	for _, name := range []string{sidecarName, postgresContainer} {
		container := containerNamed(append(pod.Spec.InitContainers, pod.Spec.Containers...), name)
		if container == nil || countMounts(container) != 1 {
			t.Errorf("%s doesn't mount %s once", name, pluginsMountPath)
		}
	}
}

func TestAnotherPluginsSidecarAndVolumeStay(t *testing.T) {
	pod := patched(t, clusterUsing(t, &apiv1.PluginConfiguration{Name: pluginName}),
		"pod-instance-other-sidecar.json")

	if containerNamed(pod.Spec.InitContainers, "plugin-barman-cloud") == nil {
		t.Error("the other sidecar is gone")
	}
	if mounts := countMounts(containerNamed(pod.Spec.Containers, postgresContainer)); mounts != 1 {
		t.Errorf("PostgreSQL's container mounts %s %d times", pluginsMountPath, mounts)
	}
}

func TestAClusterThatDoesNotUseThePluginIsLeftAlone(t *testing.T) {
	for name, use := range map[string]*apiv1.PluginConfiguration{
		"absent":   nil,
		"disabled": {Name: pluginName, Enabled: ptr.To(false)},
	} {
		t.Run(name, func(t *testing.T) {
			response, err := callHook(clusterUsing(t, use), example(t, "pod-instance.json"))
			if err != nil || len(response.GetJsonPatch()) > 0 {
				t.Errorf("answered %s, %v", response.GetJsonPatch(), err)
			}
		})
	}
}

func TestOtherKindsAreLeftAlone(t *testing.T) {
	cluster := clusterUsing(t, &apiv1.PluginConfiguration{Name: pluginName})

	for _, file := range []string{"job-initdb.json", "pvc-data.json", "service-rw.json"} {
		response, err := callHook(cluster, example(t, file))
		if err != nil || len(response.GetJsonPatch()) > 0 {
			t.Errorf("%s: answered %s, %v", file, response.GetJsonPatch(), err)
		}
	}
}

func TestBrokenInputIsAnInvalidArgument(t *testing.T) {
	cluster := clusterUsing(t, &apiv1.PluginConfiguration{Name: pluginName})
	pod := example(t, "pod-instance.json")
	for name, input := range map[string][2][]byte{
		"no Cluster":              {nil, pod},
		"a Cluster that's a list": {[]byte("[]"), pod},
		"a Cluster without name":  {[]byte("{}"), pod},
		"a Pod as the Cluster":    {pod, pod},
		"half a Pod":              {cluster, pod[:len(pod)/2]},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := callHook(input[0], input[1])
			if status.Code(err) != codes.InvalidArgument {
				t.Errorf("answered %v", err)
			}
		})
	}
}

func TestEveryWrongParameterIsNamed(t *testing.T) {
	definition := clusterUsing(t, &apiv1.PluginConfiguration{
		Name:       pluginName,
		Parameters: map[string]string{"label": "a b", "image": "", "lable": "typo"},
	})

	response, err := (&operatorServer{}).ValidateClusterCreate(context.Background(),
		&operator.OperatorValidateClusterCreateRequest{Definition: definition})
	if err != nil {
		t.Fatal(err)
	}

	var named []string
	for _, problem := range response.GetValidationErrors() {
		path := problem.GetPathComponents()
		named = append(named, path[len(path)-1])
		if problem.GetMessage() == "" {
			t.Errorf("%v has no message", path)
		}
	}
	if len(named) != 3 || named[0] != "label" || named[1] != "image" || named[2] != "lable" {
		t.Errorf("problems are with %v", named)
	}
}

func patched(t *testing.T, cluster []byte, file string) *corev1.Pod {
	t.Helper()
	pod := example(t, file)
	response, err := callHook(cluster, pod)
	if err != nil {
		t.Fatal(err)
	}
	patch, err := jsonpatch.DecodePatch(response.GetJsonPatch())
	if err != nil {
		t.Fatal(err)
	}
	content, err := patch.Apply(pod)
	if err != nil {
		t.Fatal(err)
	}
	result := &corev1.Pod{}
	if err := json.Unmarshal(content, result); err != nil {
		t.Fatal(err)
	}
	return result
}

func callHook(cluster, object []byte) (*lifecycle.OperatorLifecycleResponse, error) {
	return (&lifecycleServer{}).LifecycleHook(context.Background(), &lifecycle.OperatorLifecycleRequest{
		OperationType:     &lifecycle.OperatorOperationType{Type: lifecycle.OperatorOperationType_TYPE_CREATE},
		ClusterDefinition: cluster,
		ObjectDefinition:  object,
	})
}

func clusterUsing(t *testing.T, use *apiv1.PluginConfiguration) []byte {
	t.Helper()
	cluster, err := decodeCluster(example(t, "cluster-minimal.json"))
	if err != nil {
		t.Fatal(err)
	}
	if use != nil {
		cluster.Spec.Plugins = append(cluster.Spec.Plugins, *use)
	}
	content, err := json.Marshal(cluster)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func countMounts(container *corev1.Container) int {
	count := 0
	for _, mount := range container.VolumeMounts {
		if mount.MountPath == pluginsMountPath {
			count++
		}
	}
	return count
}

// example is an object as the operator sends it, from the project's collection.
func example(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(
		"../../plugin-testkit/src/main/resources/dev/howdah/testkit/objects", file))
	if err != nil {
		t.Fatal(err)
	}
	return content
}
