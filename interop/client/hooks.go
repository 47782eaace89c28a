package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/cloudnative-pg/cnpg-i/pkg/lifecycle"
	"google.golang.org/grpc"
)

type verb = lifecycle.OperatorOperationType_Type

const (
	evaluate = lifecycle.OperatorOperationType_TYPE_EVALUATE
	create   = lifecycle.OperatorOperationType_TYPE_CREATE
)

func verbName(v verb) string {
	return strings.TrimPrefix(v.String(), "TYPE_")
}

// sample is an object as the operator hands it to hooks, and the Cluster it belongs to.
type sample struct{ kind, file, clusterFile string }

// samples has the objects that pass through the operator's client, by kind.
var samples = []sample{
	{"Pod", "pod-instance.json", "cluster-minimal.json"},
	{"Pod", "pod-instance-other-sidecar.json", "cluster-minimal.json"},
	{"Pod", "pod-instance-wal-tablespaces.json", "cluster-rich.json"},
	{"Job", "job-initdb.json", "cluster-minimal.json"},
	{"Job", "job-full-recovery.json", "cluster-rich.json"},
	{"Job", "job-major-upgrade.json", "cluster-major-upgrade.json"},
	{"PersistentVolumeClaim", "pvc-data.json", "cluster-minimal.json"},
	{"PersistentVolumeClaim", "pvc-wal.json", "cluster-rich.json"},
	{"Service", "service-rw.json", "cluster-minimal.json"},
	{"Secret", "secret-app.json", "cluster-first-loop.json"},
	{"ConfigMap", "configmap.json", "cluster-minimal.json"},
	{"ServiceAccount", "serviceaccount.json", "cluster-first-loop.json"},
	{"Role", "role.json", "cluster-first-loop.json"},
	{"RoleBinding", "rolebinding.json", "cluster-minimal.json"},
	{"PodDisruptionBudget", "pdb.json", "cluster-minimal.json"},
	{"Lease", "lease.json", "cluster-minimal.json"},
	{"PodMonitor", "podmonitor.json", "cluster-rich.json"},
	{"Cluster", "cluster-minimal.json", "cluster-minimal.json"},
}

// hook makes one LifecycleHook call and does with the answer what the operator does. It gives the
// object as it would be sent to the API server.
func hook(
	ctx context.Context, conn grpc.ClientConnInterface, v verb, kind string, cluster, object document,
) (document, error) {
	before := object.bytes()
	response, err := lifecycle.NewOperatorLifecycleClient(conn).LifecycleHook(ctx,
		&lifecycle.OperatorLifecycleRequest{
			OperationType:     &lifecycle.OperatorOperationType{Type: v},
			ClusterDefinition: cluster.bytes(),
			ObjectDefinition:  before,
		})
	if err != nil {
		return nil, err
	}
	after, err := applyPatch(before, response.GetJsonPatch())
	if err != nil {
		return nil, err
	}
	return readBack(kind, before, after)
}

// settledHook calls a hook on an object, on the same object again and on the answer: the operator
// does all three, and rolls Pods that differ.
func settledHook(
	ctx context.Context, conn grpc.ClientConnInterface, v verb, kind string, cluster, object document,
) (document, error) {
	patched, err := hook(ctx, conn, v, kind, cluster, object)
	if err != nil {
		return nil, err
	}
	again, err := hook(ctx, conn, v, kind, cluster, object)
	if err != nil {
		return nil, fmt.Errorf("the same call answers an error the second time: %w", err)
	}
	if !bytes.Equal(patched.bytes(), again.bytes()) {
		return nil, fmt.Errorf("the same call has two results; the operator would roll Pods for ever")
	}
	settled, err := hook(ctx, conn, v, kind, cluster, patched)
	if err != nil {
		return nil, fmt.Errorf("the hook fails on an object that it patched before: %w", err)
	}
	if !equal(patched, settled) {
		return nil, fmt.Errorf("the hook changes an object that it patched before")
	}
	return patched, nil
}

// created is an evaluated Pod as the operator completes it before it creates it.
func created(evaluated, example document) document {
	result := evaluated.copy()
	metadata, model := result.object("metadata"), example.object("metadata")
	metadata["ownerReferences"] = model["ownerReferences"]
	for _, key := range []string{"labels", "annotations"} {
		values := metadata.object(key)
		for name, value := range model.object(key) {
			values[name] = value
		}
		metadata[key] = values
	}
	metadata.object("annotations")["cnpg.io/podSpec"] = string(result.object("spec").bytes())
	return result.copy()
}

func declaresHook(declared *capabilities, kind string, v verb) bool {
	return slices.ContainsFunc(declared.lifecycle,
		func(entry *lifecycle.OperatorLifecycleCapabilities) bool {
			return entry.GetKind() == kind && slices.ContainsFunc(entry.GetOperationTypes(),
				func(operation *lifecycle.OperatorOperationType) bool { return operation.GetType() == v })
		})
}
