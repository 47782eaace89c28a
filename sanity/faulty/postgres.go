package main

import (
	"context"
	"maps"
	"sync/atomic"
	"time"

	"github.com/cloudnative-pg/cnpg-i/pkg/postgres"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// what each hosted plugin sets, in the order of their names.
var settingOf = []string{"work_mem", "maintenance_work_mem"}

type postgresServer struct {
	postgres.UnimplementedPostgresServer
	*plugin
	calls atomic.Int64
}

func (s *postgresServer) GetCapabilities(
	_ context.Context, _ *postgres.PostgresCapabilitiesRequest,
) (*postgres.PostgresCapabilitiesResult, error) {
	return &postgres.PostgresCapabilitiesResult{Capabilities: []*postgres.PostgresCapability{{
		Type: &postgres.PostgresCapability_Rpc{Rpc: &postgres.PostgresCapability_RPC{
			Type: postgres.PostgresCapability_RPC_TYPE_ENRICH_CONFIGURATION,
		}},
	}}}, nil
}

func (s *postgresServer) EnrichConfiguration(
	_ context.Context, request *postgres.EnrichConfigurationRequest,
) (*postgres.EnrichConfigurationResult, error) {
	cluster, err := s.decode("cluster_definition", request.ClusterDefinition)
	if err != nil {
		return nil, err
	}
	if s.on("PG-09") && text(cluster, "kind") == "" {
		return nil, status.Error(codes.InvalidArgument, "kind is missing")
	}
	if s.on("PG-04") && request.GetOperationType().GetType() == postgres.OperationType_TYPE_UPGRADE {
		return nil, status.Error(codes.Unimplemented, "no upgrades")
	}
	answer := maps.Clone(request.Configs)
	if answer == nil {
		answer = map[string]string{}
	}
	// The operator drops all answers but the last one, so each one holds the earlier ones too.
	for i, name := range s.hosted {
		if name > s.name {
			break
		}
		if index(cluster, name) >= 0 && (name == s.name || !s.on("HOST-07")) {
			answer[settingOf[i%len(settingOf)]] = "8MB"
		}
	}
	switch s.fault {
	case "PG-01":
		delete(answer, "max_worker_processes")
	case "PG-02":
		answer["port"] = "5433"
	case "PG-03":
		answer["work_mem"] = s.counted("", &s.calls) + "MB"
	case "PG-05":
		answer["work mem"] = "8MB"
	case "PG-06":
		answer["search_path"] = "public'\nport = '5433"
	case "PG-07":
		answer["search_path"] += "x"
	case "PG-08":
		time.Sleep(5200 * time.Millisecond)
	}
	return &postgres.EnrichConfigurationResult{Configs: answer}, nil
}
