package main

import (
	"context"

	"github.com/cloudnative-pg/cnpg-i/pkg/identity"
)

const (
	// pluginName is the name in the metadata, of the socket file and in a Cluster's spec.plugins.
	// The operator looks the plugin up by each of the three and compares none with another.
	pluginName    = "correct.interop.howdah.dev"
	pluginVersion = "0.1.0"
)

// identityServer answers who this is and what it can do: constants, because the operator reads both
// again on every new connection and keeps what it read.
type identityServer struct {
	identity.UnimplementedIdentityServer
}

func (*identityServer) GetPluginMetadata(
	context.Context, *identity.GetPluginMetadataRequest,
) (*identity.GetPluginMetadataResponse, error) {
	return &identity.GetPluginMetadataResponse{
		Name:          pluginName,
		Version:       pluginVersion,
		DisplayName:   "Correct plugin",
		Description:   "Labels instance Pods and adds a sidecar, as a measure for other plugins",
		ProjectUrl:    "https://howdah.dev",
		RepositoryUrl: "https://howdah.dev/source",
		License:       "Apache-2.0",
		LicenseUrl:    "https://www.apache.org/licenses/LICENSE-2.0",
		Maturity:      "alpha",
		Vendor:        "Howdah",
	}, nil
}

func (*identityServer) GetPluginCapabilities(
	context.Context, *identity.GetPluginCapabilitiesRequest,
) (*identity.GetPluginCapabilitiesResponse, error) {
	services := []identity.PluginCapability_Service_Type{
		identity.PluginCapability_Service_TYPE_OPERATOR_SERVICE,
		identity.PluginCapability_Service_TYPE_LIFECYCLE_SERVICE,
		identity.PluginCapability_Service_TYPE_INSTANCE_SIDECAR_INJECTION,
	}
	response := &identity.GetPluginCapabilitiesResponse{}
	for _, service := range services {
		response.Capabilities = append(response.Capabilities, &identity.PluginCapability{
			Type: &identity.PluginCapability_Service_{
				Service: &identity.PluginCapability_Service{Type: service},
			},
		})
	}
	return response, nil
}

// Probe is called each time the operator takes a connection from its pool; it does nothing.
func (*identityServer) Probe(
	context.Context, *identity.ProbeRequest,
) (*identity.ProbeResponse, error) {
	return &identity.ProbeResponse{Ready: true}, nil
}
