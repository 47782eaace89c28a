package main

import (
	"slices"
	"strings"

	apiv1 "github.com/cloudnative-pg/api/pkg/api/v1"
	"github.com/cloudnative-pg/cnpg-i-machinery/pkg/pluginhelper/common"
	"github.com/cloudnative-pg/cnpg-i-machinery/pkg/pluginhelper/decoder"
	"github.com/cloudnative-pg/cnpg-i-machinery/pkg/pluginhelper/validation"
	"github.com/cloudnative-pg/cnpg-i/pkg/operator"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	k8svalidation "k8s.io/apimachinery/pkg/util/validation"
)

const (
	parameterLabel = "label"
	parameterImage = "image"
)

// use is what one Cluster asks of this plugin, defaults filled in.
type use struct {
	label string
	image string
}

// decodeCluster accepts a Cluster with or without its kind: callers that read it with a live client
// send none. Fields it doesn't know are ignored.
func decodeCluster(definition []byte) (*apiv1.Cluster, error) {
	cluster, err := decoder.DecodeClusterLenient(definition)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, "the Cluster definition isn't valid JSON for a Cluster")
	}
	if cluster.Kind != "" && cluster.Kind != apiv1.ClusterKind {
		return nil, status.Error(codes.InvalidArgument, "the Cluster definition is of another kind")
	}
	if cluster.Name == "" {
		return nil, status.Error(codes.InvalidArgument, "the Cluster definition has no metadata.name")
	}
	return cluster, nil
}

// useIn reads this plugin's parameters from the Cluster. The use is nil if the Cluster doesn't enable
// the plugin; of several entries the last counts, as everywhere in the Go machinery.
func useIn(cluster *apiv1.Cluster) (*use, []*operator.ValidationError) {
	plugin := common.NewPlugin(*cluster, pluginName)
	if plugin.PluginIndex < 0 {
		return nil, nil
	}
	if enabled := cluster.Spec.Plugins[plugin.PluginIndex].Enabled; enabled != nil && !*enabled {
		return nil, nil
	}
	result := &use{
		label: withDefault(plugin.Parameters, parameterLabel, "served"),
		image: withDefault(plugin.Parameters, parameterImage, "correct-plugin:"+pluginVersion),
	}
	return result, validate(plugin, result)
}

func withDefault(parameters map[string]string, name, value string) string {
	if given, ok := parameters[name]; ok {
		return given
	}
	return value
}

func validate(plugin *common.Plugin, u *use) []*operator.ValidationError {
	var result []*operator.ValidationError
	report := func(name, message string) {
		result = append(result, validation.BuildErrorForParameter(plugin, name, message))
	}
	if problems := k8svalidation.IsValidLabelValue(u.label); len(problems) > 0 {
		report(parameterLabel, problems[0])
	}
	if u.image == "" || strings.ContainsAny(u.image, " \t\r\n") {
		report(parameterImage, "must be the name of a container image")
	}
	known := []string{parameterLabel, parameterImage}
	for _, name := range sortedKeys(plugin.Parameters) {
		if !slices.Contains(known, name) {
			report(name, "isn't a parameter of this plugin: label and image are")
		}
	}
	return result
}

func sortedKeys(parameters map[string]string) []string {
	names := make([]string, 0, len(parameters))
	for name := range parameters {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
