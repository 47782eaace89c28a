package main

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/cloudnative-pg/cnpg-i/pkg/lifecycle"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	sidecar = "faulty-sidecar"
	folder  = "/plugins"
)

type lifecycleServer struct {
	lifecycle.UnimplementedOperatorLifecycleServer
	*plugin
	calls atomic.Int64
}

func entry(group, kind string, verbs ...lifecycle.OperatorOperationType_Type) *lifecycle.OperatorLifecycleCapabilities {
	capability := &lifecycle.OperatorLifecycleCapabilities{Group: group, Kind: kind}
	for _, verb := range verbs {
		capability.OperationTypes = append(capability.OperationTypes, &lifecycle.OperatorOperationType{Type: verb})
	}
	return capability
}

func (s *lifecycleServer) GetCapabilities(
	_ context.Context, _ *lifecycle.OperatorLifecycleCapabilitiesRequest,
) (*lifecycle.OperatorLifecycleCapabilitiesResponse, error) {
	verbs := []lifecycle.OperatorOperationType_Type{
		lifecycle.OperatorOperationType_TYPE_CREATE,
		lifecycle.OperatorOperationType_TYPE_EVALUATE,
		lifecycle.OperatorOperationType_TYPE_DELETE,
	}
	switch s.fault {
	case "LIF-03":
		verbs = slices.Delete(verbs, 1, 2)
	case "LIF-04":
		verbs = append(verbs, lifecycle.OperatorOperationType_TYPE_DEREGISTER)
	}
	entries := []*lifecycle.OperatorLifecycleCapabilities{
		entry("", "Pod", verbs...),
		entry("batch", "Job", lifecycle.OperatorOperationType_TYPE_CREATE),
	}
	switch s.fault {
	case "LIF-01":
		entries = append(entries, entry("", ""))
	case "LIF-02":
		entries = append(entries, entry("", "Pod", lifecycle.OperatorOperationType_TYPE_CREATE))
	case "LIF-18":
		entries = append(entries, entry("postgresql.cnpg.io", "Cluster", lifecycle.OperatorOperationType_TYPE_PATCH))
	}
	return &lifecycle.OperatorLifecycleCapabilitiesResponse{LifecycleCapabilities: entries}, nil
}

func (s *lifecycleServer) LifecycleHook(
	_ context.Context, request *lifecycle.OperatorLifecycleRequest,
) (*lifecycle.OperatorLifecycleResponse, error) {
	cluster, err := s.decode("cluster_definition", request.ClusterDefinition)
	if err != nil {
		return nil, err
	}
	target, err := s.decode("object_definition", request.ObjectDefinition)
	if err != nil {
		return nil, err
	}
	if s.on("LIF-16") && at(cluster, "status", "instances") == nil {
		return nil, status.Error(codes.FailedPrecondition, "status.instances is missing")
	}
	if index(cluster, s.name) < 0 && !s.recovers(cluster) && !s.on("LIF-14") {
		return &lifecycle.OperatorLifecycleResponse{}, nil
	}
	verb := request.GetOperationType().GetType()
	if verb == lifecycle.OperatorOperationType_TYPE_DELETE {
		if s.on("LIF-15") {
			return patched(operation{"add", "/metadata/labels/deleted", "true"}), nil
		}
		return &lifecycle.OperatorLifecycleResponse{}, nil
	}
	switch text(target, "kind") {
	case "Pod":
		return patched(s.pod(target, verb)...), nil
	case "Job":
		if s.on("LIF-13") {
			return &lifecycle.OperatorLifecycleResponse{}, nil
		}
		return patched(s.inject(at(target, "spec", "template", "spec"), "/spec/template/spec", verb, "")...), nil
	case "Cluster":
		if s.on("LIF-18") {
			return patched(operation{"add", "/metadata/labels/patched", "true"}), nil
		}
	default:
		if s.on("LIF-12") {
			return nil, status.Error(codes.InvalidArgument, "this kind was not declared")
		}
	}
	return &lifecycle.OperatorLifecycleResponse{}, nil
}

// recovers tells whether the Cluster is restored from this plugin's backup.
func (s *lifecycleServer) recovers(cluster object) bool {
	return slices.ContainsFunc(items(cluster, "spec", "externalClusters"), func(source any) bool {
		return text(source, "plugin", "name") == s.name
	})
}

func patched(operations ...operation) *lifecycle.OperatorLifecycleResponse {
	return &lifecycle.OperatorLifecycleResponse{JsonPatch: encode(operations)}
}

func (s *lifecycleServer) pod(pod object, verb lifecycle.OperatorOperationType_Type) []operation {
	operations := s.inject(at(pod, "spec"), "/spec", verb, "postgres")
	if text(pod, "metadata", "labels", "faulty") == "" {
		operations = append(operations, operation{"add", "/metadata/labels/faulty", "true"})
	}
	switch s.fault {
	case "LIF-05":
		operations = append(operations, operation{"remove", "/spec/notThere", nil})
	case "LIF-07":
		if at(pod, "spec", "tolerations") == nil {
			operations = append(operations, operation{"add", "/spec/tolerations", []any{}})
		}
		operations = append(operations, operation{"add", "/spec/tolerations/-", object{"key": "again", "operator": "Exists"}})
	case "LIF-17":
		operations = append(operations, operation{"add", "/metadata/name", "renamed"})
	case "LIF-20":
		if text(pod, "metadata", "annotations", "cnpg.io/nodeSerial") != "" {
			operations = append(operations, operation{"remove", "/metadata/annotations/cnpg.io~1nodeSerial", nil})
		}
	}
	return operations
}

func named(list []any, name string) int {
	return slices.IndexFunc(list, func(each any) bool { return text(each, "name") == name })
}

// inject adds the sidecar and the folder that it shares with the main container.
func (s *lifecycleServer) inject(
	spec any, path string, verb lifecycle.OperatorOperationType_Type, main string,
) []operation {
	var operations []operation
	if named(items(spec, "volumes"), "plugins") < 0 {
		operations = append(operations, operation{"add", path + "/volumes/-", object{"name": "plugins", "emptyDir": object{}}})
	}
	for i, container := range items(spec, "containers") {
		if main != "" && text(container, "name") != main {
			continue
		}
		mounts := slices.ContainsFunc(items(container, "volumeMounts"), func(mount any) bool {
			return text(mount, "mountPath") == folder
		})
		if !mounts {
			operations = append(operations, operation{
				"add", fmt.Sprintf("%s/containers/%d/volumeMounts/-", path, i),
				object{"name": "plugins", "mountPath": folder},
			})
		}
	}
	if named(items(spec, "initContainers"), sidecar) < 0 {
		operations = append(operations, operation{"add", path + "/initContainers/-", s.container(verb, main != "")})
	}
	if s.on("LIF-09") && main != "" && named(items(spec, "containers"), sidecar) < 0 {
		operations = append(operations, operation{"add", path + "/containers/-", s.container(verb, true)})
	}
	other := named(items(spec, "initContainers"), "plugin-barman-cloud")
	if s.on("LIF-19") && other >= 0 {
		operations = append(operations, operation{
			"add", fmt.Sprintf("%s/initContainers/%d/image", path, other), "example.com/mine:1",
		})
	}
	return operations
}

func (s *lifecycleServer) container(verb lifecycle.OperatorOperationType_Type, inPod bool) object {
	container := object{
		"name":          sidecar,
		"image":         "example.com/faulty:1",
		"args":          []any{"sidecar"},
		"restartPolicy": "Always",
		"env":           []any{object{"name": "PLUGINS", "value": folder}},
		"resources":     object{"requests": object{"cpu": "10m", "memory": "32Mi"}},
		"startupProbe":  object{"exec": object{"command": []any{"/faulty", "probe"}}},
		"volumeMounts":  []any{object{"name": "plugins", "mountPath": folder}},
		"securityContext": object{
			"runAsNonRoot": true, "readOnlyRootFilesystem": true,
			"allowPrivilegeEscalation": false, "capabilities": object{"drop": []any{"ALL"}},
		},
	}
	switch {
	case s.on("LIF-06"):
		container["env"] = []any{object{"name": "CALL", "value": s.counted("", &s.calls)}}
	case s.on("LIF-08") && verb == lifecycle.OperatorOperationType_TYPE_CREATE:
		container["image"] = "example.com/faulty:2"
	case s.on("LIF-10") && inPod:
		container["volumeMounts"] = []any{}
	case s.on("LIF-11"):
		delete(container, "securityContext")
	}
	return container
}
