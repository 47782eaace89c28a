package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	"google.golang.org/grpc"
)

// loadTimeout is what the Cluster controller grants all plugins of a Cluster together.
const loadTimeout = 5 * time.Second

// capabilities is what the operator keeps of a plugin for as long as it keeps the connection.
type capabilities struct {
	name, version string
	plugin        []identity.PluginCapability_Service_Type
	operator      []operator.OperatorCapability_RPC_Type
	lifecycle     []*lifecycle.OperatorLifecycleCapabilities
	wal           []wal.WALCapability_RPC_Type
	backup        []backup.BackupCapability_RPC_Type
	reconciler    []reconciler.ReconcilerHooksCapability_Kind
	restore       []restore.RestoreJobHooksCapability_Kind
	postgres      []postgres.PostgresCapability_RPC_Type
	metrics       []metrics.MetricsCapability_RPC_Type
}

func (c *capabilities) declares(service identity.PluginCapability_Service_Type) bool {
	return slices.Contains(c.plugin, service)
}

// errUnset is the answer that a nil pointer in the operator turns into a crash of its process.
var errUnset = errors.New("a capability has none of its alternatives set, which crashes the operator")

// load runs the operator's loading sequence on a fresh channel: metadata, capabilities, then
// GetCapabilities of each declared service in the operator's order. The first error ends it, as it
// ends the operator's connection. observe is called once for each call made.
func load(ctx context.Context, conn grpc.ClientConnInterface, observe observer) (*capabilities, error) {
	result := &capabilities{}
	if err := loadIdentity(ctx, conn, observe, result); err != nil {
		return nil, err
	}
	for _, service := range declaredServices {
		if !result.declares(service.declaredAs) {
			continue
		}
		err := observe(service.name+"/GetCapabilities", func() (string, error) {
			return service.load(ctx, conn, result)
		})
		if err != nil {
			return nil, err
		}
	}
	return result, nil
}

func loadIdentity(
	ctx context.Context, conn grpc.ClientConnInterface, observe observer, into *capabilities,
) error {
	client := identity.NewIdentityClient(conn)
	err := observe("Identity/GetPluginMetadata", func() (string, error) {
		response, err := client.GetPluginMetadata(ctx, &identity.GetPluginMetadataRequest{})
		if err != nil {
			return "", err
		}
		into.name, into.version = response.GetName(), response.GetVersion()
		if into.name == "" || into.version == "" {
			return "", errors.New("the metadata has no name or no version")
		}
		return into.name + " " + into.version, nil
	})
	if err != nil {
		return err
	}
	return observe("Identity/GetPluginCapabilities", func() (string, error) {
		response, err := client.GetPluginCapabilities(ctx, &identity.GetPluginCapabilitiesRequest{})
		if err != nil {
			return "", err
		}
		for _, capability := range response.GetCapabilities() {
			if capability.GetService() == nil {
				return "", errUnset
			}
			into.plugin = append(into.plugin, capability.GetService().GetType())
		}
		return fmt.Sprint(into.plugin), nil
	})
}

// declaredService is a service behind a plugin capability and how its own capabilities are read.
type declaredService struct {
	name       string
	declaredAs identity.PluginCapability_Service_Type
	load       func(context.Context, grpc.ClientConnInterface, *capabilities) (string, error)
}

// declaredServices is in the order in which the operator asks.
var declaredServices = []declaredService{
	{"Operator", identity.PluginCapability_Service_TYPE_OPERATOR_SERVICE, loadOperator},
	{"OperatorLifecycle", identity.PluginCapability_Service_TYPE_LIFECYCLE_SERVICE, loadLifecycle},
	{"WAL", identity.PluginCapability_Service_TYPE_WAL_SERVICE, loadWAL},
	{"Backup", identity.PluginCapability_Service_TYPE_BACKUP_SERVICE, loadBackup},
	{"ReconcilerHooks", identity.PluginCapability_Service_TYPE_RECONCILER_HOOKS, loadReconciler},
	{"RestoreJobHooks", identity.PluginCapability_Service_TYPE_RESTORE_JOB, loadRestore},
	{"Postgres", identity.PluginCapability_Service_TYPE_POSTGRES, loadPostgres},
	{"Metrics", identity.PluginCapability_Service_TYPE_METRICS, loadMetrics},
}

func loadOperator(ctx context.Context, conn grpc.ClientConnInterface, into *capabilities) (string, error) {
	response, err := operator.NewOperatorClient(conn).
		GetCapabilities(ctx, &operator.OperatorCapabilitiesRequest{})
	if err != nil {
		return "", err
	}
	for _, capability := range response.GetCapabilities() {
		if capability.GetRpc() == nil {
			return "", errUnset
		}
		into.operator = append(into.operator, capability.GetRpc().GetType())
	}
	return fmt.Sprint(into.operator), nil
}

func loadLifecycle(ctx context.Context, conn grpc.ClientConnInterface, into *capabilities) (string, error) {
	response, err := lifecycle.NewOperatorLifecycleClient(conn).
		GetCapabilities(ctx, &lifecycle.OperatorLifecycleCapabilitiesRequest{})
	if err != nil {
		return "", err
	}
	into.lifecycle = response.GetLifecycleCapabilities()
	return describeLifecycle(into.lifecycle)
}

// describeLifecycle refuses the same kind and verb declared twice: the operator would call twice.
func describeLifecycle(declared []*lifecycle.OperatorLifecycleCapabilities) (string, error) {
	var seen []string
	for _, capability := range declared {
		for _, verb := range capability.GetOperationTypes() {
			entry := fmt.Sprintf("%s/%s:%s", capability.GetGroup(), capability.GetKind(), verbName(verb.GetType()))
			if slices.Contains(seen, entry) {
				return "", fmt.Errorf("%s is declared twice, the operator would call the hook twice", entry)
			}
			seen = append(seen, entry)
		}
	}
	return fmt.Sprint(seen), nil
}

func loadWAL(ctx context.Context, conn grpc.ClientConnInterface, into *capabilities) (string, error) {
	response, err := wal.NewWALClient(conn).GetCapabilities(ctx, &wal.WALCapabilitiesRequest{})
	if err != nil {
		return "", err
	}
	for _, capability := range response.GetCapabilities() {
		if capability.GetRpc() == nil {
			return "", errUnset
		}
		into.wal = append(into.wal, capability.GetRpc().GetType())
	}
	return fmt.Sprint(into.wal), nil
}

func loadBackup(ctx context.Context, conn grpc.ClientConnInterface, into *capabilities) (string, error) {
	response, err := backup.NewBackupClient(conn).GetCapabilities(ctx, &backup.BackupCapabilitiesRequest{})
	if err != nil {
		return "", err
	}
	for _, capability := range response.GetCapabilities() {
		if capability.GetRpc() == nil {
			return "", errUnset
		}
		into.backup = append(into.backup, capability.GetRpc().GetType())
	}
	return fmt.Sprint(into.backup), nil
}

func loadReconciler(ctx context.Context, conn grpc.ClientConnInterface, into *capabilities) (string, error) {
	response, err := reconciler.NewReconcilerHooksClient(conn).
		GetCapabilities(ctx, &reconciler.ReconcilerHooksCapabilitiesRequest{})
	if err != nil {
		return "", err
	}
	for _, capability := range response.GetReconcilerCapabilities() {
		into.reconciler = append(into.reconciler, capability.GetKind())
	}
	return fmt.Sprint(into.reconciler), nil
}

func loadRestore(ctx context.Context, conn grpc.ClientConnInterface, into *capabilities) (string, error) {
	response, err := restore.NewRestoreJobHooksClient(conn).
		GetCapabilities(ctx, &restore.RestoreJobHooksCapabilitiesRequest{})
	if err != nil {
		return "", err
	}
	for _, capability := range response.GetCapabilities() {
		into.restore = append(into.restore, capability.GetKind())
	}
	return fmt.Sprint(into.restore), nil
}

func loadPostgres(ctx context.Context, conn grpc.ClientConnInterface, into *capabilities) (string, error) {
	response, err := postgres.NewPostgresClient(conn).
		GetCapabilities(ctx, &postgres.PostgresCapabilitiesRequest{})
	if err != nil {
		return "", err
	}
	for _, capability := range response.GetCapabilities() {
		if capability.GetRpc() == nil {
			return "", errUnset
		}
		into.postgres = append(into.postgres, capability.GetRpc().GetType())
	}
	return fmt.Sprint(into.postgres), nil
}

func loadMetrics(ctx context.Context, conn grpc.ClientConnInterface, into *capabilities) (string, error) {
	response, err := metrics.NewMetricsClient(conn).
		GetCapabilities(ctx, &metrics.MetricsCapabilitiesRequest{})
	if err != nil {
		return "", err
	}
	for _, capability := range response.GetCapabilities() {
		if capability.GetRpc() == nil {
			return "", errUnset
		}
		into.metrics = append(into.metrics, capability.GetRpc().GetType())
	}
	return fmt.Sprint(into.metrics), nil
}

// connection is a loaded channel, as in the operator's pool.
type connection struct {
	*grpc.ClientConn
	capabilities *capabilities
}

// acquire loads a plugin and probes it, with the operator's retries: five attempts, the pause
// growing fivefold from 10 ms. begin is called at the start of each; the last one's error is the one
// reported.
func acquire(
	ctx context.Context, dial func() (*grpc.ClientConn, error), begin func() observer,
) (*connection, error) {
	limited, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	pause := 10 * time.Millisecond
	for attempt := 1; ; attempt++ {
		conn, err := acquireOnce(limited, dial, begin())
		if err == nil || attempt == 5 {
			return conn, err
		}
		select {
		case <-limited.Done():
			return nil, err
		case <-time.After(pause):
			pause *= 5
		}
	}
}

func acquireOnce(
	ctx context.Context, dial func() (*grpc.ClientConn, error), observe observer,
) (*connection, error) {
	conn, err := dial()
	if err != nil {
		return nil, err
	}
	declared, err := load(ctx, conn, observe)
	if err == nil {
		err = observe("Identity/Probe", func() (string, error) { return "", probe(ctx, conn) })
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return &connection{ClientConn: conn, capabilities: declared}, nil
}

// probe ignores the answer's ready field, as the operator does: only the status counts.
func probe(ctx context.Context, conn grpc.ClientConnInterface) error {
	_, err := identity.NewIdentityClient(conn).Probe(ctx, &identity.ProbeRequest{})
	return err
}
