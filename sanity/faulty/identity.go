package main

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/cloudnative-pg/cnpg-i/pkg/identity"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type identityServer struct {
	identity.UnimplementedIdentityServer
	*plugin
	probes, calls, lists atomic.Int64
}

func (s *identityServer) GetPluginMetadata(
	_ context.Context, _ *identity.GetPluginMetadataRequest,
) (*identity.GetPluginMetadataResponse, error) {
	if s.on("ID-01") {
		return nil, status.Error(codes.Internal, "no metadata today")
	}
	answer := &identity.GetPluginMetadataResponse{
		Name:          s.name,
		Version:       "1.0.0",
		DisplayName:   "Faulty",
		Description:   "Right in everything but one",
		ProjectUrl:    "https://example.com/faulty",
		RepositoryUrl: "https://example.com/faulty.git",
		License:       "Apache-2.0",
		LicenseUrl:    "https://www.apache.org/licenses/LICENSE-2.0",
		Maturity:      "alpha",
		Vendor:        "Example",
	}
	switch s.fault {
	case "ID-02":
		answer.Name = ""
	case "ID-06":
		answer.Version = ""
	case "ID-07":
		answer.DisplayName = ""
	case "ID-08":
		answer.Description = ""
	case "ID-09":
		answer.License = ""
	case "ID-10":
		answer.LicenseUrl = ""
	case "ID-11":
		answer.ProjectUrl = "example.com/faulty"
	case "ID-12":
		answer.Maturity = "rock-solid"
	case "ID-13":
		answer.Name = "other.example.com"
	case "ID-14":
		answer.Version = s.counted("1.0.", &s.calls)
	}
	return answer, nil
}

func (s *identityServer) GetPluginCapabilities(
	_ context.Context, _ *identity.GetPluginCapabilitiesRequest,
) (*identity.GetPluginCapabilitiesResponse, error) {
	types := []identity.PluginCapability_Service_Type{
		identity.PluginCapability_Service_TYPE_OPERATOR_SERVICE,
		identity.PluginCapability_Service_TYPE_LIFECYCLE_SERVICE,
		identity.PluginCapability_Service_TYPE_WAL_SERVICE,
		identity.PluginCapability_Service_TYPE_BACKUP_SERVICE,
		identity.PluginCapability_Service_TYPE_RECONCILER_HOOKS,
		identity.PluginCapability_Service_TYPE_RESTORE_JOB,
		identity.PluginCapability_Service_TYPE_POSTGRES,
		identity.PluginCapability_Service_TYPE_METRICS,
		identity.PluginCapability_Service_TYPE_INSTANCE_SIDECAR_INJECTION,
		identity.PluginCapability_Service_TYPE_INSTANCE_JOB_SIDECAR_INJECTION,
	}
	without := func(unwanted identity.PluginCapability_Service_Type) {
		types = slices.DeleteFunc(types, func(each identity.PluginCapability_Service_Type) bool {
			return each == unwanted
		})
	}
	switch s.fault {
	case "CAP-02":
		types = append(types, identity.PluginCapability_Service_TYPE_UNSPECIFIED)
	case "CAP-03":
		types = append(types, identity.PluginCapability_Service_TYPE_WAL_SERVICE)
	case "CAP-04":
		types = append(types, 99)
	case "CAP-06":
		without(identity.PluginCapability_Service_TYPE_METRICS)
	case "CAP-07":
		time.Sleep(1200 * time.Millisecond)
	case "CAP-08":
		if s.lists.Add(1)%2 == 0 {
			slices.Reverse(types)
		}
	case "CAP-09":
		without(identity.PluginCapability_Service_TYPE_INSTANCE_SIDECAR_INJECTION)
	case "CAP-10":
		without(identity.PluginCapability_Service_TYPE_INSTANCE_JOB_SIDECAR_INJECTION)
	}
	answer := &identity.GetPluginCapabilitiesResponse{}
	for _, each := range types {
		answer.Capabilities = append(answer.Capabilities, &identity.PluginCapability{
			Type: &identity.PluginCapability_Service_{
				Service: &identity.PluginCapability_Service{Type: each},
			},
		})
	}
	if s.on("CAP-01") {
		answer.Capabilities = append(answer.Capabilities, &identity.PluginCapability{})
	}
	return answer, nil
}

func (s *identityServer) Probe(
	_ context.Context, _ *identity.ProbeRequest,
) (*identity.ProbeResponse, error) {
	if s.on("ID-15") {
		return nil, status.Error(codes.Unavailable, "never ready")
	}
	if s.on("ID-17") && s.probes.Add(1)%10 == 0 {
		time.Sleep(150 * time.Millisecond)
	}
	return &identity.ProbeResponse{Ready: !s.on("ID-16")}, nil
}
