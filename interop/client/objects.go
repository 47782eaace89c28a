package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cloudnative-pg/cnpg-i/pkg/identity"
)

// document is a Kubernetes object as JSON, with nothing lost.
type document map[string]any

// objects is the folder of Kubernetes objects as the operator sends them.
type objects struct{ directory string }

func (o objects) read(name string) (document, error) {
	content, err := os.ReadFile(filepath.Join(o.directory, name))
	if err != nil {
		return nil, err
	}
	return parse(content)
}

func (o objects) readStrings(name string) (map[string]string, error) {
	content, err := os.ReadFile(filepath.Join(o.directory, name))
	if err != nil {
		return nil, err
	}
	var result map[string]string
	return result, json.Unmarshal(content, &result)
}

// parse keeps numbers as they are written.
func parse(content []byte) (document, error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var result document
	if err := decoder.Decode(&result); err != nil {
		return nil, err
	}
	return result, nil
}

func (d document) bytes() []byte {
	content, err := json.Marshal(d)
	if err != nil {
		panic(fmt.Sprintf("a parsed document can't be printed: %v", err))
	}
	return content
}

func (d document) copy() document {
	result, err := parse(d.bytes())
	if err != nil {
		panic(fmt.Sprintf("a printed document can't be parsed: %v", err))
	}
	return result
}

func (d document) object(key string) document {
	switch value := d[key].(type) {
	case document:
		return value
	case map[string]any:
		return value
	}
	created := document{}
	d[key] = created
	return created
}

func (d document) list(key string) []any {
	result, _ := d[key].([]any)
	return result
}

// subject is the plugin under test: what a Cluster that uses it says.
type subject struct {
	name       string
	alias      string
	parameters map[string]string
}

// cluster reads a Cluster and makes it use the plugins given, as its user would have written it and
// as the operator would have recorded it.
func (o objects) cluster(file string, plugins ...*loaded) (document, error) {
	result, err := o.read(file)
	if err != nil {
		return nil, err
	}
	for _, plugin := range plugins {
		enable(result, plugin)
	}
	return result, nil
}

// loaded is a plugin under test with what it declared.
type loaded struct {
	subject
	declared *capabilities
}

func enable(cluster document, plugin *loaded) {
	entry := document{"name": plugin.name, "enabled": true}
	if len(plugin.parameters) > 0 {
		entry["parameters"] = plugin.parameters
	}
	spec := cluster.object("spec")
	entries := without(spec.list("plugins"), plugin.name)
	if plugin.declared.declares(identity.PluginCapability_Service_TYPE_WAL_SERVICE) {
		// A Cluster has at most one archiver.
		for _, each := range entries {
			each.(map[string]any)["isWALArchiver"] = false
		}
		entry["isWALArchiver"] = true
	}
	spec["plugins"] = append(entries, map[string]any(entry))

	status := cluster.object("status")
	if _, bootstrapped := status["pluginStatus"]; bootstrapped {
		status["pluginStatus"] = append(
			without(status.list("pluginStatus"), plugin.name), recorded(plugin))
	}
}

func without(entries []any, name string) []any {
	var result []any
	for _, entry := range entries {
		if entry.(map[string]any)["name"] != name {
			result = append(result, entry)
		}
	}
	return result
}

// recorded is the plugin's entry in status.pluginStatus.
func recorded(plugin *loaded) map[string]any {
	entry := map[string]any{
		"name":         plugin.name,
		"version":      plugin.declared.version,
		"capabilities": names(plugin.declared.plugin),
	}
	optional := map[string][]any{
		"operatorCapabilities":       names(plugin.declared.operator),
		"walCapabilities":            names(plugin.declared.wal),
		"backupCapabilities":         names(plugin.declared.backup),
		"restoreJobHookCapabilities": names(plugin.declared.restore),
	}
	for key, values := range optional {
		if len(values) > 0 {
			entry[key] = values
		}
	}
	return entry
}

func names[T fmt.Stringer](values []T) []any {
	result := make([]any, 0, len(values))
	for _, value := range values {
		result = append(result, value.String())
	}
	return result
}

// withStatus is the Cluster after the operator stored the plugin's status.
func withStatus(cluster document, plugin string, status []byte) document {
	result := cluster.copy()
	for _, entry := range result.object("status").list("pluginStatus") {
		if fields := entry.(map[string]any); fields["name"] == plugin {
			fields["status"] = string(status)
		}
	}
	return result
}

// recovering is the Cluster with the plugin as the source of its recovery.
func recovering(cluster document, plugin *loaded) document {
	result := cluster.copy()
	source := document{"name": plugin.name, "enabled": true}
	if len(plugin.parameters) > 0 {
		source["parameters"] = plugin.parameters
	}
	spec := result.object("spec")
	spec["bootstrap"] = document{"recovery": document{"source": "origin"}}
	spec["externalClusters"] = []any{document{"name": "origin", "plugin": source}}
	return result
}
