package main

import (
	"encoding/json"
	"fmt"

	jsonpatch "github.com/evanphx/json-patch/v5"
	batchv1 "k8s.io/api/batch/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
)

// applyPatch does with an RFC 6902 patch what the operator does: nothing if it is empty, otherwise
// every operation or an error.
func applyPatch(object, patch []byte) ([]byte, error) {
	if len(patch) == 0 {
		return object, nil
	}
	operations, err := jsonpatch.DecodePatch(patch)
	if err != nil {
		return nil, fmt.Errorf("the answer is no JSON patch: %w", err)
	}
	result, err := operations.Apply(object)
	if err != nil {
		return nil, fmt.Errorf("the patch doesn't apply to the object sent: %w", err)
	}
	return result, nil
}

// builtIn makes an empty object of a kind that the operator can read back after a patch. It knows
// the kinds of Kubernetes itself only: no Cluster, no PodMonitor.
var builtIn = map[string]func() any{
	"Pod":                   func() any { return &corev1.Pod{} },
	"Job":                   func() any { return &batchv1.Job{} },
	"PersistentVolumeClaim": func() any { return &corev1.PersistentVolumeClaim{} },
	"Service":               func() any { return &corev1.Service{} },
	"Secret":                func() any { return &corev1.Secret{} },
	"ConfigMap":             func() any { return &corev1.ConfigMap{} },
	"ServiceAccount":        func() any { return &corev1.ServiceAccount{} },
	"Role":                  func() any { return &rbacv1.Role{} },
	"RoleBinding":           func() any { return &rbacv1.RoleBinding{} },
	"PodDisruptionBudget":   func() any { return &policyv1.PodDisruptionBudget{} },
	"Lease":                 func() any { return &coordinationv1.Lease{} },
}

// readBack turns a patched object into the typed one and back, which drops what the type doesn't
// know. An unchanged object isn't read back.
func readBack(kind string, before, after []byte) (document, error) {
	if jsonpatch.Equal(before, after) {
		return parse(before)
	}
	create, known := builtIn[kind]
	if !known {
		return nil, fmt.Errorf("the patch changes a %s, which the operator can't read back", kind)
	}
	typed := create()
	if err := json.Unmarshal(after, typed); err != nil {
		return nil, fmt.Errorf("the patched object is no %s any more: %w", kind, err)
	}
	content, err := json.Marshal(typed)
	if err != nil {
		return nil, err
	}
	result, err := parse(content)
	if err != nil {
		return nil, err
	}
	return result, sameIdentity(before, result)
}

func sameIdentity(before []byte, after document) error {
	original, err := parse(before)
	if err != nil {
		return err
	}
	for _, key := range []string{"name", "namespace"} {
		was, is := original.object("metadata")[key], after.object("metadata")[key]
		if was != is {
			return fmt.Errorf("the patch changes metadata.%s from %v to %v", key, was, is)
		}
	}
	return nil
}

func equal(left, right document) bool {
	return jsonpatch.Equal(left.bytes(), right.bytes())
}
