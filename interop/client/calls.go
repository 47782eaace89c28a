package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/cloudnative-pg/cnpg-i/pkg/backup"
	"github.com/cloudnative-pg/cnpg-i/pkg/identity"
	"github.com/cloudnative-pg/cnpg-i/pkg/lifecycle"
	"github.com/cloudnative-pg/cnpg-i/pkg/metrics"
	"github.com/cloudnative-pg/cnpg-i/pkg/operator"
	"github.com/cloudnative-pg/cnpg-i/pkg/postgres"
	"github.com/cloudnative-pg/cnpg-i/pkg/reconciler"
	restore "github.com/cloudnative-pg/cnpg-i/pkg/restore/job"
	"github.com/cloudnative-pg/cnpg-i/pkg/wal"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// patience bounds a call over a socket, where the operator waits for ever.
const patience = 60 * time.Second

// caller makes the calls behind a plugin's capabilities, over one loaded connection.
type caller struct {
	report    *report
	objects   objects
	transport string
	plugin    *loaded
	conn      *connection
	// undeclared asks for the calls that the plugin doesn't declare, too.
	undeclared bool
	scratch    string
}

// expectation is which answers besides OK count as served.
type expectation int

const (
	// operatorSide: the answer concerns a Cluster; a plugin may find the Cluster wanting.
	operatorSide expectation = iota
	// instanceSide: the answer concerns files and stores, which a test machine may not have.
	instanceSide
)

// call makes one call if it is declared or wanted regardless.
func (c *caller) call(
	rpc string, declared bool, expects expectation, call func(context.Context) (string, error),
) {
	if !declared && !c.undeclared {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	started := time.Now()
	detail, err := call(ctx)
	added := row{
		Plugin: c.plugin.name, Transport: c.transport, RPC: rpc,
		Status: "OK", Detail: detail, Millis: millisSince(started),
	}
	if err != nil {
		added.Status, added.Detail = statusOf(err), err.Error()
		if problem := c.problem(err, declared, expects); problem != "" {
			added.Failed, added.Detail = true, problem
		}
	}
	if !declared {
		added.RPC += " (undeclared)"
		added.Undeclared = true
	}
	c.report.add(added)
}

// problem explains why an error isn't a proper answer; it is empty for one that is.
func (c *caller) problem(err error, declared bool, expects expectation) string {
	answer, isStatus := status.FromError(err)
	if !isStatus {
		return err.Error()
	}
	switch answer.Code() {
	case codes.InvalidArgument, codes.FailedPrecondition, codes.NotFound:
		return ""
	case codes.Unimplemented:
		if declared {
			return "declared, but answered as unimplemented: " + answer.Message()
		}
		return ""
	case codes.Unknown:
		return "an error without a code of its own: " + answer.Message()
	case codes.DeadlineExceeded:
		return fmt.Sprintf("no answer in time (the operator waits %s over TCP, for ever over a socket): %s",
			remoteCallTimeout, answer.Message())
	case codes.Unavailable, codes.Internal, codes.OutOfRange, codes.Aborted, codes.ResourceExhausted,
		codes.AlreadyExists, codes.PermissionDenied, codes.DataLoss:
		if expects == operatorSide && declared {
			return "a good Cluster is answered with an error: " + answer.Message()
		}
	default:
		return "unexpected code: " + answer.Message()
	}
	// A broken connection has the same code as a store that is down.
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if probeErr := probe(ctx, c.conn); probeErr != nil {
		return fmt.Sprintf("%s; and the plugin doesn't answer Probe any more: %v", answer.Message(), probeErr)
	}
	return ""
}

// everything calls every RPC once, in the order in which a Cluster's life brings them.
func (c *caller) everything() {
	c.operatorCalls()
	c.lifecycleCalls()
	c.reconcilerCalls()
	c.postgresCalls()
	c.walCalls()
	c.backupCalls()
	c.restoreCalls()
	c.metricsCalls()
	if c.undeclared {
		c.undeclaredCapabilities()
	}
}

func (c *caller) undeclaredCapabilities() {
	for _, service := range declaredServices {
		if !c.conn.capabilities.declares(service.declaredAs) {
			c.call(service.name+"/GetCapabilities", false, operatorSide,
				func(ctx context.Context) (string, error) {
					return service.load(ctx, c.conn, &capabilities{})
				})
		}
	}
}

func (c *caller) cluster(file string) (document, error) {
	return c.objects.cluster(file, c.plugin)
}

func (c *caller) operatorCalls() {
	client := operator.NewOperatorClient(c.conn)
	declares := func(rpc operator.OperatorCapability_RPC_Type) bool {
		return slices.Contains(c.conn.capabilities.operator, rpc)
	}
	c.call("Operator/ValidateClusterCreate",
		declares(operator.OperatorCapability_RPC_TYPE_VALIDATE_CLUSTER_CREATE), operatorSide,
		func(ctx context.Context) (string, error) {
			cluster, err := c.cluster("cluster-no-status.json")
			if err != nil {
				return "", err
			}
			response, err := client.ValidateClusterCreate(ctx,
				&operator.OperatorValidateClusterCreateRequest{Definition: cluster.bytes()})
			if err != nil {
				return "", err
			}
			return describeErrors(response.GetValidationErrors())
		})
	c.call("Operator/ValidateClusterChange",
		declares(operator.OperatorCapability_RPC_TYPE_VALIDATE_CLUSTER_CHANGE), operatorSide,
		func(ctx context.Context) (string, error) {
			before, err := c.cluster("cluster-minimal.json")
			if err != nil {
				return "", err
			}
			after := before.copy()
			after.object("spec")["instances"] = 5
			response, err := client.ValidateClusterChange(ctx,
				&operator.OperatorValidateClusterChangeRequest{
					OldCluster: before.bytes(), NewCluster: after.bytes(),
				})
			if err != nil {
				return "", err
			}
			return describeErrors(response.GetValidationErrors())
		})
	c.call("Operator/MutateCluster",
		declares(operator.OperatorCapability_RPC_TYPE_MUTATE_CLUSTER), operatorSide,
		func(ctx context.Context) (string, error) { return c.mutate(ctx, client) })
	c.call("Operator/SetStatusInCluster",
		declares(operator.OperatorCapability_RPC_TYPE_SET_STATUS_IN_CLUSTER), operatorSide,
		func(ctx context.Context) (string, error) { return c.setStatus(ctx, client) })
	c.call("Operator/Deregister",
		declares(operator.OperatorCapability_RPC_TYPE_DEREGISTER), operatorSide,
		func(ctx context.Context) (string, error) {
			cluster, err := c.cluster("cluster-minimal.json")
			if err != nil {
				return "", err
			}
			_, err = client.Deregister(ctx, &operator.DeregisterRequest{Definition: cluster.bytes()})
			return "", err
		})
}

// describeErrors refuses a validation error without path, on which the operator would crash.
func describeErrors(found []*operator.ValidationError) (string, error) {
	var messages []string
	for _, each := range found {
		if len(each.GetPathComponents()) == 0 || each.GetMessage() == "" {
			return "", errors.New("a validation error has no path or no message")
		}
		messages = append(messages,
			strings.Join(each.GetPathComponents(), ".")+": "+each.GetMessage())
	}
	return strings.Join(messages, "; "), nil
}

func (c *caller) mutate(ctx context.Context, client operator.OperatorClient) (string, error) {
	cluster, err := c.cluster("cluster-no-status.json")
	if err != nil {
		return "", err
	}
	mutated, err := mutateOnce(ctx, client, cluster)
	if err != nil {
		return "", err
	}
	again, err := mutateOnce(ctx, client, mutated)
	if err != nil {
		return "", err
	}
	if !equal(mutated, again) {
		return "", errors.New("the plugin changes a Cluster that it defaulted before")
	}
	return "", sameIdentity(cluster.bytes(), mutated)
}

func mutateOnce(
	ctx context.Context, client operator.OperatorClient, cluster document,
) (document, error) {
	definition := cluster.bytes()
	response, err := client.MutateCluster(ctx,
		&operator.OperatorMutateClusterRequest{Definition: definition})
	if err != nil {
		return nil, err
	}
	patched, err := applyPatch(definition, response.GetJsonPatch())
	if err != nil {
		return nil, err
	}
	return parse(patched)
}

// setStatus asks, stores the answer as a fixed operator does, and asks again.
func (c *caller) setStatus(ctx context.Context, client operator.OperatorClient) (string, error) {
	cluster, err := c.cluster("cluster-minimal.json")
	if err != nil {
		return "", err
	}
	response, err := client.SetStatusInCluster(ctx,
		&operator.SetStatusInClusterRequest{Cluster: cluster.bytes()})
	if err != nil || len(response.GetJsonStatus()) == 0 {
		return "no status", err
	}
	first := response.GetJsonStatus()
	var object map[string]any
	if err := json.Unmarshal(first, &object); err != nil {
		return "", fmt.Errorf("the status is no JSON object: %w", err)
	}
	stored := withStatus(cluster, c.plugin.name, first)
	response, err = client.SetStatusInCluster(ctx,
		&operator.SetStatusInClusterRequest{Cluster: stored.bytes()})
	if err != nil {
		return "", err
	}
	if second := response.GetJsonStatus(); len(second) > 0 {
		return "", fmt.Errorf("the Cluster carries the status already and is answered %s: "+
			"the operator would reconcile for ever", second)
	}
	return string(first), nil
}

func (c *caller) lifecycleCalls() {
	declared := c.conn.capabilities
	evaluated := map[string]document{}
	for _, v := range []verb{
		evaluate, create, lifecycle.OperatorOperationType_TYPE_UPDATE,
		lifecycle.OperatorOperationType_TYPE_PATCH, lifecycle.OperatorOperationType_TYPE_DELETE,
	} {
		for _, each := range samples {
			if !declaresHook(declared, each.kind, v) {
				continue
			}
			rpc := fmt.Sprintf("OperatorLifecycle/LifecycleHook %s %s", verbName(v),
				strings.TrimSuffix(each.file, ".json"))
			c.call(rpc, true, operatorSide, func(ctx context.Context) (string, error) {
				return "", c.lifecycleCall(ctx, v, each, evaluated)
			})
		}
	}
	if len(declared.lifecycle) == 0 {
		c.call("OperatorLifecycle/LifecycleHook", false, operatorSide,
			func(ctx context.Context) (string, error) {
				return "", c.lifecycleCall(ctx, evaluate, samples[0], evaluated)
			})
	}
}

func (c *caller) lifecycleCall(
	ctx context.Context, v verb, each sample, evaluated map[string]document,
) error {
	cluster, err := c.cluster(each.clusterFile)
	if err != nil {
		return err
	}
	object, err := c.objects.read(each.file)
	if err != nil {
		return err
	}
	before, wasEvaluated := evaluated[each.file]
	if v == create && wasEvaluated {
		example, err := c.objects.read("pod-instance-create.json")
		if err != nil {
			return err
		}
		object = created(before, example)
	}
	patched, err := settledHook(ctx, c.conn, v, each.kind, cluster, object)
	if err != nil {
		return err
	}
	if v == evaluate {
		evaluated[each.file] = patched
	}
	if v == create && wasEvaluated && !equal(patched.object("spec"), before.object("spec")) {
		return errors.New("CREATE and EVALUATE give different Pods: the operator would roll them for ever")
	}
	return nil
}

func (c *caller) reconcilerCalls() {
	client := reconciler.NewReconcilerHooksClient(c.conn)
	kinds := []struct {
		kind reconciler.ReconcilerHooksCapability_Kind
		file string
	}{
		{reconciler.ReconcilerHooksCapability_KIND_CLUSTER, "cluster-minimal.json"},
		{reconciler.ReconcilerHooksCapability_KIND_BACKUP, "backup-plugin.json"},
	}
	hooks := []struct {
		name string
		call func(context.Context, *reconciler.ReconcilerHooksRequest) (*reconciler.ReconcilerHooksResult, error)
	}{
		{"Pre", func(ctx context.Context, request *reconciler.ReconcilerHooksRequest) (*reconciler.ReconcilerHooksResult, error) {
			return client.Pre(ctx, request)
		}},
		{"Post", func(ctx context.Context, request *reconciler.ReconcilerHooksRequest) (*reconciler.ReconcilerHooksResult, error) {
			return client.Post(ctx, request)
		}},
	}
	for _, kind := range kinds {
		declared := slices.Contains(c.conn.capabilities.reconciler, kind.kind)
		for _, hook := range hooks {
			rpc := "ReconcilerHooks/" + hook.name + " " + strings.TrimPrefix(kind.kind.String(), "KIND_")
			c.call(rpc, declared, operatorSide, func(ctx context.Context) (string, error) {
				cluster, err := c.cluster("cluster-minimal.json")
				if err != nil {
					return "", err
				}
				resource := cluster
				if kind.kind == reconciler.ReconcilerHooksCapability_KIND_BACKUP {
					if resource, err = c.backup(); err != nil {
						return "", err
					}
				}
				response, err := hook.call(ctx, &reconciler.ReconcilerHooksRequest{
					ClusterDefinition: cluster.bytes(), ResourceDefinition: resource.bytes(),
				})
				if err != nil {
					return "", err
				}
				return describeBehavior(response)
			})
		}
	}
}

func describeBehavior(result *reconciler.ReconcilerHooksResult) (string, error) {
	switch result.GetBehavior() {
	case reconciler.ReconcilerHooksResult_BEHAVIOR_CONTINUE,
		reconciler.ReconcilerHooksResult_BEHAVIOR_TERMINATE:
	case reconciler.ReconcilerHooksResult_BEHAVIOR_REQUEUE:
		if result.GetRequeueAfter() < 1 {
			return "", fmt.Errorf("asks to come back after %d s", result.GetRequeueAfter())
		}
	default:
		return "", fmt.Errorf("answers the behaviour %s", result.GetBehavior())
	}
	return result.GetBehavior().String(), nil
}

func (c *caller) backup() (document, error) {
	result, err := c.objects.read("backup-plugin.json")
	if err == nil {
		result.object("spec").object("pluginConfiguration")["name"] = c.plugin.name
	}
	return result, err
}

func (c *caller) postgresCalls() {
	declared := slices.Contains(c.conn.capabilities.postgres,
		postgres.PostgresCapability_RPC_TYPE_ENRICH_CONFIGURATION)
	for _, each := range []struct {
		operation                  postgres.OperationType_Type
		clusterFile, parameterFile string
	}{
		{postgres.OperationType_TYPE_INIT, "cluster-nokind.json", "enrich-configs-init.json"},
		{postgres.OperationType_TYPE_RESTORE, "cluster-rich.json", "enrich-configs-rich.json"},
		{postgres.OperationType_TYPE_RECONCILE, "cluster-minimal.json", "enrich-configs.json"},
		{postgres.OperationType_TYPE_UPGRADE, "cluster-nokind.json", "enrich-configs.json"},
	} {
		rpc := "Postgres/EnrichConfiguration " + strings.TrimPrefix(each.operation.String(), "TYPE_")
		c.call(rpc, declared, instanceSide, func(ctx context.Context) (string, error) {
			cluster, err := c.cluster(each.clusterFile)
			if err != nil {
				return "", err
			}
			parameters, err := c.objects.readStrings(each.parameterFile)
			if err != nil {
				return "", err
			}
			response, err := postgres.NewPostgresClient(c.conn).EnrichConfiguration(ctx,
				&postgres.EnrichConfigurationRequest{
					Configs:           parameters,
					ClusterDefinition: cluster.bytes(),
					OperationType:     &postgres.OperationType{Type: each.operation},
				})
			if err != nil {
				return "", err
			}
			return describeParameters(parameters, response.GetConfigs())
		})
	}
}

// describeParameters refuses an answer that lost parameters: it replaces the whole configuration.
func describeParameters(sent, received map[string]string) (string, error) {
	if len(received) == 0 {
		return "no opinion", nil
	}
	for name := range sent {
		if _, kept := received[name]; !kept {
			return "", fmt.Errorf("the answer lost the parameter %s, and replaces the configuration", name)
		}
	}
	return fmt.Sprintf("%d parameters, %d sent", len(received), len(sent)), nil
}

const (
	segmentName = "000000010000000000000001"
	segmentSize = 16 << 20
)

// newScratch makes what PostgreSQL's data directory has for an archiver: one full WAL segment. Its
// content is the same in each run.
func newScratch(directory string) error {
	segments := filepath.Join(directory, "pgdata", "pg_wal")
	if err := os.MkdirAll(segments, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(
		filepath.Join(directory, "pgdata", "PG_VERSION"), []byte("17\n"), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(segments, segmentName), segment(), 0o600)
}

// segment begins as a segment of PostgreSQL 17 does (page magic, long header) and goes on with
// noise, which no codec can make disappear.
func segment() []byte {
	content := make([]byte, segmentSize)
	source := rand.NewChaCha8([32]byte{17})
	_, _ = source.Read(content)
	copy(content, []byte{0x16, 0xD1, 0x02, 0x00, 0x01, 0x00, 0x00, 0x00})
	return content
}

func (c *caller) walCalls() {
	client := wal.NewWALClient(c.conn)
	declares := func(rpc wal.WALCapability_RPC_Type) bool {
		return slices.Contains(c.conn.capabilities.wal, rpc)
	}
	source := filepath.Join(c.scratch, "pgdata", "pg_wal", segmentName)
	destination := filepath.Join(c.scratch, "pgdata", "pg_wal", "RECOVERYXLOG")
	archived := false
	checkEmpty := false
	c.call("WAL/Archive", declares(wal.WALCapability_RPC_TYPE_ARCHIVE_WAL), instanceSide,
		c.withCluster("cluster-minimal.json", func(ctx context.Context, cluster []byte) (string, error) {
			_, err := client.Archive(ctx, &wal.WALArchiveRequest{
				ClusterDefinition: cluster, SourceFileName: source, CheckEmptyWalArchive: &checkEmpty,
			})
			archived = err == nil
			return "", err
		}))
	c.call("WAL/Restore", declares(wal.WALCapability_RPC_TYPE_RESTORE_WAL), instanceSide,
		c.withCluster("cluster-minimal.json", func(ctx context.Context, cluster []byte) (string, error) {
			_, err := client.Restore(ctx, &wal.WALRestoreRequest{
				ClusterDefinition: cluster, SourceWalName: segmentName,
				DestinationFileName: destination, Mode: wal.WALRestoreRequest_MODE_RECOVERY,
			})
			if err != nil {
				return "", err
			}
			return restored(source, destination, archived)
		}))
	c.call("WAL/Status", declares(wal.WALCapability_RPC_TYPE_STATUS), instanceSide,
		c.withCluster("cluster-minimal.json", func(ctx context.Context, cluster []byte) (string, error) {
			response, err := client.Status(ctx, &wal.WALStatusRequest{ClusterDefinition: cluster})
			return response.GetFirstWal() + " to " + response.GetLastWal(), err
		}))
	c.call("WAL/SetFirstRequired", declares(wal.WALCapability_RPC_TYPE_SET_FIRST_REQUIRED), instanceSide,
		c.withCluster("cluster-minimal.json", func(ctx context.Context, cluster []byte) (string, error) {
			_, err := client.SetFirstRequired(ctx, &wal.SetFirstRequiredRequest{
				ClusterDefinition: cluster, FirstRequiredWal: segmentName,
			})
			return "", err
		}))
}

// restored compares the file that Restore left with the one that Archive took.
func restored(source, destination string, archived bool) (string, error) {
	content, err := os.ReadFile(destination)
	if err != nil {
		return "", fmt.Errorf("OK, but no file was restored: %w", err)
	}
	defer func() { _ = os.Remove(destination) }()
	if !archived {
		return fmt.Sprintf("%d bytes", len(content)), nil
	}
	original, err := os.ReadFile(source)
	if err != nil {
		return "", err
	}
	if !bytes.Equal(original, content) {
		return "", errors.New("the restored segment isn't the archived one")
	}
	return "byte for byte as archived", nil
}

func (c *caller) withCluster(
	file string, call func(context.Context, []byte) (string, error),
) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		cluster, err := c.cluster(file)
		if err != nil {
			return "", err
		}
		return call(ctx, cluster.bytes())
	}
}

func (c *caller) backupCalls() {
	declared := slices.Contains(c.conn.capabilities.backup, backup.BackupCapability_RPC_TYPE_BACKUP)
	c.call("Backup/Backup", declared, instanceSide,
		c.withCluster("cluster-minimal.json", func(ctx context.Context, cluster []byte) (string, error) {
			definition, err := c.backup()
			if err != nil {
				return "", err
			}
			response, err := backup.NewBackupClient(c.conn).Backup(ctx, &backup.BackupRequest{
				ClusterDefinition: cluster, BackupDefinition: definition.bytes(),
				Parameters: map[string]string{"immediateCheckpoint": "true"},
			})
			if err != nil {
				return "", err
			}
			if response.GetBackupId() == "" || response.GetStartedAt() <= 0 ||
				response.GetStoppedAt() < response.GetStartedAt() {
				return "", errors.New("the backup has no id or no sensible times")
			}
			return response.GetBackupId(), nil
		}))
}

func (c *caller) restoreCalls() {
	declared := slices.Contains(c.conn.capabilities.restore,
		restore.RestoreJobHooksCapability_KIND_RESTORE)
	checkEmpty := false
	c.call("RestoreJobHooks/Restore", declared, instanceSide, func(ctx context.Context) (string, error) {
		cluster, err := c.cluster("cluster-rich.json")
		if err != nil {
			return "", err
		}
		response, err := restore.NewRestoreJobHooksClient(c.conn).Restore(ctx, &restore.RestoreRequest{
			ClusterDefinition:    recovering(cluster, c.plugin).bytes(),
			CheckEmptyWalArchive: &checkEmpty,
		})
		if err != nil {
			return "", err
		}
		if !strings.Contains(response.GetRestoreConfig(), "restore_command") {
			return "", errors.New("the recovery configuration has no restore_command")
		}
		for _, variable := range response.GetEnvs() {
			if name, _, ok := strings.Cut(variable, "="); !ok || name == "" {
				return "", errors.New("an environment variable isn't NAME=VALUE")
			}
		}
		return "", nil
	})
}

func (c *caller) metricsCalls() {
	declared := slices.Contains(c.conn.capabilities.metrics, metrics.MetricsCapability_RPC_TYPE_METRICS)
	client := metrics.NewMetricsClient(c.conn)
	defined := map[string]*metrics.Metric{}
	c.call("Metrics/Define", declared, instanceSide,
		c.withCluster("cluster-minimal.json", func(ctx context.Context, cluster []byte) (string, error) {
			response, err := client.Define(ctx, &metrics.DefineMetricsRequest{ClusterDefinition: cluster})
			if err != nil {
				return "", err
			}
			for _, metric := range response.GetMetrics() {
				if metric.GetValueType().GetType() == metrics.MetricType_TYPE_UNSPECIFIED {
					return "", fmt.Errorf(
						"the metric %s has no type, which ends PostgreSQL's container", metric.GetFqName())
				}
				defined[metric.GetFqName()] = metric
			}
			return fmt.Sprintf("%d metrics", len(defined)), nil
		}))
	c.call("Metrics/Collect", declared, instanceSide,
		c.withCluster("cluster-minimal.json", func(ctx context.Context, cluster []byte) (string, error) {
			response, err := client.Collect(ctx, &metrics.CollectMetricsRequest{ClusterDefinition: cluster})
			if err != nil {
				return "", err
			}
			for _, value := range response.GetMetrics() {
				definition, known := defined[value.GetFqName()]
				if !known || len(definition.GetVariableLabels()) != len(value.GetVariableLabels()) {
					return "", fmt.Errorf("the value of %s doesn't match its definition", value.GetFqName())
				}
			}
			return fmt.Sprintf("%d values", len(response.GetMetrics())), nil
		}))
}

// verifyName is the check that the operator doesn't make: that the answer is from the plugin asked.
func verifyName(ctx context.Context, client identity.IdentityClient, wanted string) (string, error) {
	response, err := client.GetPluginMetadata(ctx, &identity.GetPluginMetadataRequest{})
	if err != nil {
		return "", err
	}
	if response.GetName() != wanted {
		return "", fmt.Errorf("asked for %s, answered by %s", wanted, response.GetName())
	}
	return response.GetName(), nil
}
