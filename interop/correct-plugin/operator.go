package main

import (
	"context"
	"encoding/json"
	"reflect"

	apiv1 "github.com/cloudnative-pg/api/pkg/api/v1"
	"github.com/cloudnative-pg/cnpg-i-machinery/pkg/pluginhelper/clusterstatus"
	"github.com/cloudnative-pg/cnpg-i/pkg/operator"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// operatorServer validates Clusters and reports a status. What it doesn't declare (MutateCluster,
// Deregister) answers UNIMPLEMENTED through the embedded type.
type operatorServer struct {
	operator.UnimplementedOperatorServer
}

func (*operatorServer) GetCapabilities(
	context.Context, *operator.OperatorCapabilitiesRequest,
) (*operator.OperatorCapabilitiesResult, error) {
	calls := []operator.OperatorCapability_RPC_Type{
		operator.OperatorCapability_RPC_TYPE_VALIDATE_CLUSTER_CREATE,
		operator.OperatorCapability_RPC_TYPE_VALIDATE_CLUSTER_CHANGE,
		operator.OperatorCapability_RPC_TYPE_SET_STATUS_IN_CLUSTER,
	}
	result := &operator.OperatorCapabilitiesResult{}
	for _, call := range calls {
		result.Capabilities = append(result.Capabilities, &operator.OperatorCapability{
			Type: &operator.OperatorCapability_Rpc{Rpc: &operator.OperatorCapability_RPC{Type: call}},
		})
	}
	return result, nil
}

func (*operatorServer) ValidateClusterCreate(
	_ context.Context, request *operator.OperatorValidateClusterCreateRequest,
) (*operator.OperatorValidateClusterCreateResult, error) {
	cluster, err := decodeCluster(request.GetDefinition())
	if err != nil {
		return nil, err
	}
	_, problems := useIn(cluster)
	return &operator.OperatorValidateClusterCreateResult{ValidationErrors: problems}, nil
}

func (*operatorServer) ValidateClusterChange(
	_ context.Context, request *operator.OperatorValidateClusterChangeRequest,
) (*operator.OperatorValidateClusterChangeResult, error) {
	if _, err := decodeCluster(request.GetOldCluster()); err != nil {
		return nil, err
	}
	cluster, err := decodeCluster(request.GetNewCluster())
	if err != nil {
		return nil, err
	}
	_, problems := useIn(cluster)
	return &operator.OperatorValidateClusterChangeResult{ValidationErrors: problems}, nil
}

// SetStatusInCluster answers nothing once the Cluster carries the status: every answer makes the
// operator patch the Cluster and come back in five seconds.
func (*operatorServer) SetStatusInCluster(
	_ context.Context, request *operator.SetStatusInClusterRequest,
) (*operator.SetStatusInClusterResponse, error) {
	cluster, err := decodeCluster(request.GetCluster())
	if err != nil {
		return nil, err
	}
	responses := clusterstatus.NewSetStatusInClusterResponseBuilder()
	wanted, problems := useIn(cluster)
	if wanted == nil {
		return responses.NoOpResponse(), nil
	}
	answer := map[string]any{
		"label":      wanted.label,
		"image":      wanted.image,
		"parameters": validOrNot(problems),
	}
	if reflect.DeepEqual(answer, storedStatus(cluster)) {
		return responses.NoOpResponse(), nil
	}
	response, err := responses.JSONStatusResponse(answer)
	if err != nil {
		return nil, status.Error(codes.Internal, "the status can't be written as a JSON object")
	}
	return response, nil
}

func validOrNot(problems []*operator.ValidationError) string {
	if len(problems) > 0 {
		return "invalid"
	}
	return "valid"
}

func storedStatus(cluster *apiv1.Cluster) map[string]any {
	for _, entry := range cluster.Status.PluginStatus {
		var stored map[string]any
		if entry.Name == pluginName && json.Unmarshal([]byte(entry.Status), &stored) == nil {
			return stored
		}
	}
	return nil
}
