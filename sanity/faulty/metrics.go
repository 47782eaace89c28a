package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/cloudnative-pg/cnpg-i/pkg/metrics"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	queue  = "faulty_queue_length"
	served = "faulty_calls_total"
	other  = "faulty_other"
)

type metricsServer struct {
	metrics.UnimplementedMetricsServer
	*plugin
	calls atomic.Int64
}

func (s *metricsServer) GetCapabilities(
	_ context.Context, _ *metrics.MetricsCapabilitiesRequest,
) (*metrics.MetricsCapabilitiesResult, error) {
	return &metrics.MetricsCapabilitiesResult{Capabilities: []*metrics.MetricsCapability{{
		Type: &metrics.MetricsCapability_Rpc{Rpc: &metrics.MetricsCapability_RPC{
			Type: metrics.MetricsCapability_RPC_TYPE_METRICS,
		}},
	}}}, nil
}

// the name of the gauge, which two switches change in both calls.
func (s *metricsServer) gauge() string {
	switch s.fault {
	case "MET-02":
		return "faulty-queue-length"
	case "MET-10":
		return "cnpg_collector_queue_length"
	}
	return queue
}

func (s *metricsServer) Define(
	_ context.Context, request *metrics.DefineMetricsRequest,
) (*metrics.DefineMetricsResult, error) {
	if _, err := s.decode("cluster_definition", request.ClusterDefinition); err != nil {
		return nil, err
	}
	if s.on("MET-01") {
		return &metrics.DefineMetricsResult{}, nil
	}
	answer := &metrics.DefineMetricsResult{Metrics: []*metrics.Metric{
		{
			FqName: s.gauge(), Help: "Length of the queue", VariableLabels: []string{"queue"},
			ConstLabels: map[string]string{"plugin": s.name},
			ValueType:   &metrics.MetricType{Type: metrics.MetricType_TYPE_GAUGE},
		},
		{
			FqName: served, Help: "Calls served",
			ValueType: &metrics.MetricType{Type: metrics.MetricType_TYPE_COUNTER},
		},
		{
			FqName: other, Help: "Something else", VariableLabels: []string{"n"},
			ValueType: &metrics.MetricType{Type: metrics.MetricType_TYPE_UNTYPED},
		},
	}}
	switch s.fault {
	case "MET-03":
		answer.Metrics[2].ValueType = nil
	case "MET-06":
		answer.Metrics[0].VariableLabels = []string{"0queue"}
	}
	return answer, nil
}

func (s *metricsServer) Collect(
	_ context.Context, request *metrics.CollectMetricsRequest,
) (*metrics.CollectMetricsResult, error) {
	if _, err := s.decode("cluster_definition", request.ClusterDefinition); err != nil {
		return nil, err
	}
	calls := float64(s.calls.Add(1))
	samples := []*metrics.CollectMetric{
		{FqName: s.gauge(), Value: 3, VariableLabels: []string{"wal"}},
		{FqName: s.gauge(), Value: 1, VariableLabels: []string{"base"}},
		{FqName: served, Value: calls},
	}
	switch s.fault {
	case "MET-01":
		samples = nil
	case "MET-04":
		samples = append(samples, &metrics.CollectMetric{FqName: "faulty_undefined", Value: 1})
	case "MET-05":
		samples[0].VariableLabels = nil
	case "MET-07":
		samples[2].Value = 1000 - calls
	case "MET-08":
		samples = append(samples, samples[2])
	case "MET-09":
		time.Sleep(3200 * time.Millisecond)
	case "MET-11":
		return nil, status.Error(codes.Unavailable, "there is no database")
	case "MET-12":
		for i := len(samples); i < 1002; i++ {
			samples = append(samples, &metrics.CollectMetric{
				FqName: other, Value: 1, VariableLabels: []string{fmt.Sprint(i)},
			})
		}
	}
	return &metrics.CollectMetricsResult{Metrics: samples}, nil
}
