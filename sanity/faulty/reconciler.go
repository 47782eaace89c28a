package main

import (
	"context"
	"sync/atomic"

	"github.com/cloudnative-pg/cnpg-i/pkg/reconciler"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type reconcilerServer struct {
	reconciler.UnimplementedReconcilerHooksServer
	*plugin
	calls atomic.Int64
}

func (s *reconcilerServer) GetCapabilities(
	_ context.Context, _ *reconciler.ReconcilerHooksCapabilitiesRequest,
) (*reconciler.ReconcilerHooksCapabilitiesResult, error) {
	kinds := []reconciler.ReconcilerHooksCapability_Kind{
		reconciler.ReconcilerHooksCapability_KIND_CLUSTER,
		reconciler.ReconcilerHooksCapability_KIND_BACKUP,
	}
	if s.on("REC-01") {
		kinds = append(kinds, 3)
	}
	answer := &reconciler.ReconcilerHooksCapabilitiesResult{}
	for _, kind := range kinds {
		answer.ReconcilerCapabilities = append(answer.ReconcilerCapabilities,
			&reconciler.ReconcilerHooksCapability{Kind: kind})
	}
	return answer, nil
}

func (s *reconcilerServer) kind(request *reconciler.ReconcilerHooksRequest) (string, object, error) {
	if _, err := s.decode("cluster_definition", request.ClusterDefinition); err != nil {
		return "", nil, err
	}
	resource, err := s.decode("resource_definition", request.ResourceDefinition)
	return text(resource, "kind"), resource, err
}

func (s *reconcilerServer) Pre(
	_ context.Context, request *reconciler.ReconcilerHooksRequest,
) (*reconciler.ReconcilerHooksResult, error) {
	kind, resource, err := s.kind(request)
	if err != nil {
		return nil, err
	}
	answer := &reconciler.ReconcilerHooksResult{Behavior: reconciler.ReconcilerHooksResult_BEHAVIOR_CONTINUE}
	switch {
	case s.on("REC-02"):
		answer.Behavior = reconciler.ReconcilerHooksResult_BEHAVIOR_UNSPECIFIED
	case s.on("REC-04") && kind == "Cluster" && s.calls.Add(1)%8 == 0:
		answer.Behavior = reconciler.ReconcilerHooksResult_BEHAVIOR_REQUEUE
		answer.RequeueAfter = 5
	case s.on("REC-05") && kind == "Backup" && text(resource, "status", "phase") == "completed":
		answer.Behavior = reconciler.ReconcilerHooksResult_BEHAVIOR_TERMINATE
	case s.on("REC-06") && kind == "Cluster":
		answer.Behavior = reconciler.ReconcilerHooksResult_BEHAVIOR_TERMINATE
	case s.on("REC-07") && kind != "Cluster" && kind != "Backup":
		return nil, status.Error(codes.InvalidArgument, "neither Cluster nor Backup")
	}
	return answer, nil
}

func (s *reconcilerServer) Post(
	_ context.Context, request *reconciler.ReconcilerHooksRequest,
) (*reconciler.ReconcilerHooksResult, error) {
	kind, _, err := s.kind(request)
	if err != nil {
		return nil, err
	}
	if s.on("REC-08") && kind == "Cluster" {
		return nil, status.Error(codes.Internal, "afterwards everything fails")
	}
	answer := &reconciler.ReconcilerHooksResult{Behavior: reconciler.ReconcilerHooksResult_BEHAVIOR_CONTINUE}
	if s.on("REC-03") && kind == "Cluster" {
		answer.Behavior = reconciler.ReconcilerHooksResult_BEHAVIOR_REQUEUE
	}
	return answer, nil
}
