package main

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"

	"github.com/cloudnative-pg/cnpg-i/pkg/operator"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const statusKey = "served"

var image = regexp.MustCompile(`^[a-z0-9./:_-]+$`)

type operatorServer struct {
	operator.UnimplementedOperatorServer
	*plugin
	calls, deregistered atomic.Int64
}

func (s *operatorServer) GetCapabilities(
	_ context.Context, _ *operator.OperatorCapabilitiesRequest,
) (*operator.OperatorCapabilitiesResult, error) {
	answer := &operator.OperatorCapabilitiesResult{}
	for _, each := range []operator.OperatorCapability_RPC_Type{
		operator.OperatorCapability_RPC_TYPE_VALIDATE_CLUSTER_CREATE,
		operator.OperatorCapability_RPC_TYPE_VALIDATE_CLUSTER_CHANGE,
		operator.OperatorCapability_RPC_TYPE_MUTATE_CLUSTER,
		operator.OperatorCapability_RPC_TYPE_SET_STATUS_IN_CLUSTER,
		operator.OperatorCapability_RPC_TYPE_DEREGISTER,
	} {
		if s.on("CAP-12") && each == operator.OperatorCapability_RPC_TYPE_MUTATE_CLUSTER {
			continue
		}
		answer.Capabilities = append(answer.Capabilities, &operator.OperatorCapability{
			Type: &operator.OperatorCapability_Rpc{Rpc: &operator.OperatorCapability_RPC{Type: each}},
		})
	}
	return answer, nil
}

func (s *operatorServer) validate(cluster object) []*operator.ValidationError {
	i := index(cluster, s.name)
	if i < 0 {
		return nil
	}
	var found []*operator.ValidationError
	report := func(parameter, value, message string) {
		path := []string{"spec", "plugins", fmt.Sprint(i), "parameters", parameter}
		if s.on("OPR-03") {
			path = nil
		}
		found = append(found, &operator.ValidationError{
			PathComponents: path, Value: value, Message: message,
		})
	}
	if value, set := s.parameters(cluster)["image"].(string); set && !image.MatchString(value) && !s.on("OPR-02") {
		report("image", value, "is no image")
	}
	if s.on("OPR-01") {
		report("owner", "none", "has to be set")
	}
	if s.on("OPR-05") && at(cluster, "spec", "fieldFromTheFuture") != nil {
		report("fieldFromTheFuture", "true", "is not known")
	}
	return found
}

func (s *operatorServer) ValidateClusterCreate(
	_ context.Context, request *operator.OperatorValidateClusterCreateRequest,
) (*operator.OperatorValidateClusterCreateResult, error) {
	cluster, err := s.decode("definition", request.Definition)
	if err != nil {
		if s.on("OPR-04") {
			return &operator.OperatorValidateClusterCreateResult{}, nil
		}
		return nil, err
	}
	return &operator.OperatorValidateClusterCreateResult{ValidationErrors: s.validate(cluster)}, nil
}

func (s *operatorServer) ValidateClusterChange(
	_ context.Context, request *operator.OperatorValidateClusterChangeRequest,
) (*operator.OperatorValidateClusterChangeResult, error) {
	if _, err := s.decode("old_cluster", request.OldCluster); err != nil {
		return nil, err
	}
	cluster, err := s.decode("new_cluster", request.NewCluster)
	if err != nil {
		return nil, err
	}
	return &operator.OperatorValidateClusterChangeResult{ValidationErrors: s.validate(cluster)}, nil
}

func (s *operatorServer) MutateCluster(
	_ context.Context, request *operator.OperatorMutateClusterRequest,
) (*operator.OperatorMutateClusterResult, error) {
	cluster, err := s.decode("definition", request.Definition)
	if err != nil {
		return nil, err
	}
	i := index(cluster, s.name)
	if i < 0 {
		return &operator.OperatorMutateClusterResult{}, nil
	}
	var patch []operation
	if s.parameters(cluster)["image"] == nil {
		path := fmt.Sprintf("/spec/plugins/%d/parameters", i)
		if s.parameters(cluster) == nil {
			patch = append(patch, operation{"add", path, object{}})
		}
		patch = append(patch, operation{"add", path + "/image", "faulty:1"})
	}
	switch s.fault {
	case "OPR-06":
		patch = append(patch, operation{"replace", "/spec/notThere", 1})
	case "OPR-07":
		grown := text(cluster, "metadata", "annotations", "example.com-grows") + "x"
		patch = append(patch, operation{"add", "/metadata/annotations/example.com-grows", grown})
	case "OPR-08":
		patch = append(patch, operation{"add", "/metadata/name", "renamed"})
	}
	return &operator.OperatorMutateClusterResult{JsonPatch: encode(patch)}, nil
}

func (s *operatorServer) SetStatusInCluster(
	_ context.Context, request *operator.SetStatusInClusterRequest,
) (*operator.SetStatusInClusterResponse, error) {
	cluster, err := s.decode("cluster", request.Cluster)
	if err != nil {
		return nil, err
	}
	if s.on("OPR-14") && at(cluster, "status", "instances") == nil {
		return nil, status.Error(codes.FailedPrecondition, "status.instances is missing")
	}
	var value any = object{statusKey: true}
	switch s.fault {
	case "OPR-09":
		value = []any{statusKey}
	case "OPR-10":
		value = object{statusKey: s.calls.Add(1)}
	case "OPR-12":
		value = object{statusKey: strings.Repeat("x", 20*1024)}
	}
	wanted, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	for _, entry := range items(cluster, "status", "pluginStatus") {
		if text(entry, "name") == s.name && text(entry, "status") == string(wanted) && !s.on("OPR-11") {
			return &operator.SetStatusInClusterResponse{}, nil
		}
	}
	return &operator.SetStatusInClusterResponse{JsonStatus: wanted}, nil
}

func (s *operatorServer) Deregister(
	_ context.Context, request *operator.DeregisterRequest,
) (*operator.DeregisterResponse, error) {
	if _, err := s.decode("definition", request.Definition); err != nil {
		return nil, err
	}
	if s.on("OPR-13") && s.deregistered.Add(1) > 1 {
		return nil, status.Error(codes.NotFound, "not registered")
	}
	return &operator.DeregisterResponse{}, nil
}
