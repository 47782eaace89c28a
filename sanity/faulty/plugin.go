package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"sync/atomic"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// A plugin is one of those that this process serves.
type plugin struct {
	name   string
	fault  string
	hosted []string // the names of all plugins of this process, sorted
	store  string
	pgdata string
	errors *atomic.Int64
}

func (p *plugin) on(fault string) bool {
	return p.fault == fault
}

// counted is a text that is another one each time.
func (p *plugin) counted(prefix string, counter *atomic.Int64) string {
	return fmt.Sprintf("%s%d", prefix, counter.Add(1))
}

// invalid is the error for what can't be read.
func (p *plugin) invalid(what string) error {
	switch p.fault {
	case "TRN-07":
		return status.Errorf(codes.InvalidArgument, "%s is no JSON (error %d)", what, p.errors.Add(1))
	case "TRN-08":
		return status.Errorf(codes.InvalidArgument,
			"%s is no JSON\ngoroutine 7 [running]:\nmain.main()\n\t/src/main.go:1 +0x1d", what)
	}
	return status.Errorf(codes.InvalidArgument, "%s is no JSON", what)
}

// An object is any Kubernetes object.
type object = map[string]any

func (p *plugin) decode(what string, definition []byte) (object, error) {
	var decoded object
	if err := json.Unmarshal(definition, &decoded); err != nil {
		return nil, p.invalid(what)
	}
	return decoded, nil
}

// at walks down objects; nil if something is missing on the way.
func at(node any, path ...string) any {
	for _, key := range path {
		next, ok := node.(object)
		if !ok {
			return nil
		}
		node = next[key]
	}
	return node
}

func items(node any, path ...string) []any {
	list, _ := at(node, path...).([]any)
	return list
}

func text(node any, path ...string) string {
	value, _ := at(node, path...).(string)
	return value
}

// index is the place of this plugin among the Cluster's plugins, -1 if it is not enabled there.
func index(cluster object, name string) int {
	return slices.IndexFunc(items(cluster, "spec", "plugins"), func(entry any) bool {
		enabled, set := at(entry, "enabled").(bool)
		return text(entry, "name") == name && (enabled || !set)
	})
}

// parameters of this plugin in the Cluster; also of a recovery source.
func (p *plugin) parameters(cluster object) object {
	if i := index(cluster, p.name); i >= 0 {
		found, _ := at(items(cluster, "spec", "plugins")[i], "parameters").(object)
		return found
	}
	for _, source := range items(cluster, "spec", "externalClusters") {
		if text(source, "plugin", "name") == p.name {
			found, _ := at(source, "plugin", "parameters").(object)
			return found
		}
	}
	return nil
}

func (p *plugin) unreachable(cluster object) bool {
	return text(p.parameters(cluster), "store") == "unreachable"
}

func (p *plugin) walFolder() string {
	return filepath.Join(p.store, "wals")
}

func (p *plugin) backupFolder() string {
	return filepath.Join(p.store, "base")
}

// An operation is one step of an RFC 6902 patch.
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value,omitempty"`
}

// encode is nothing at all for a patch without operations.
func encode(operations []operation) []byte {
	if len(operations) == 0 {
		return nil
	}
	encoded, err := json.Marshal(operations)
	if err != nil {
		panic(err) // only maps, lists and texts are put in
	}
	return encoded
}
