package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/cloudnative-pg/cnpg-i/pkg/backup"
	restore "github.com/cloudnative-pg/cnpg-i/pkg/restore/job"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const label = "PG_VERSION"

type backupServer struct {
	backup.UnimplementedBackupServer
	*plugin
	taken atomic.Int64
	stuck atomic.Bool
}

func (s *backupServer) GetCapabilities(
	_ context.Context, _ *backup.BackupCapabilitiesRequest,
) (*backup.BackupCapabilitiesResult, error) {
	if s.on("CAP-13") {
		return &backup.BackupCapabilitiesResult{}, nil
	}
	return &backup.BackupCapabilitiesResult{Capabilities: []*backup.BackupCapability{{
		Type: &backup.BackupCapability_Rpc{Rpc: &backup.BackupCapability_RPC{
			Type: backup.BackupCapability_RPC_TYPE_BACKUP,
		}},
	}}}, nil
}

func (s *backupServer) Backup(ctx context.Context, request *backup.BackupRequest) (*backup.BackupResult, error) {
	cluster, err := s.decode("cluster_definition", request.ClusterDefinition)
	if err != nil {
		return nil, err
	}
	if _, err := s.decode("backup_definition", request.BackupDefinition); err != nil {
		if s.on("BKP-06") {
			return nil, status.Error(codes.Internal, "something went wrong")
		}
		return nil, err
	}
	if s.unreachable(cluster) {
		if s.on("BKP-07") {
			return nil, status.Error(codes.Internal, "something went wrong")
		}
		return nil, status.Error(codes.Unavailable, "the store does not answer")
	}
	if s.on("BKP-05") {
		if s.stuck.Load() {
			return nil, status.Error(codes.FailedPrecondition, "a backup is in progress")
		}
		select {
		case <-ctx.Done():
			s.stuck.Store(true)
			return nil, status.FromContextError(ctx.Err()).Err()
		case <-time.After(150 * time.Millisecond):
		}
	}
	return s.take()
}

func (s *backupServer) take() (*backup.BackupResult, error) {
	started := time.Now()
	id := fmt.Sprintf("%s-%d", started.UTC().Format("20060102T150405"), s.taken.Add(1))
	if s.on("BKP-04") {
		id = "the-backup"
	}
	stored := id
	if s.on("BKP-08") {
		stored = "." + id
	}
	folder := filepath.Join(s.backupFolder(), stored)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, status.Error(codes.Internal, "the store can't be written")
	}
	if err := writeFile(filepath.Join(folder, label), []byte("17\n")); err != nil {
		return nil, status.Error(codes.Internal, "the store can't be written")
	}
	answer := &backup.BackupResult{
		BackupId:   id,
		BackupName: "backup-" + id,
		StartedAt:  started.Unix(),
		StoppedAt:  time.Now().Unix(),
		BeginWal:   "000000010000000000000002",
		EndWal:     "000000010000000000000002",
		BeginLsn:   "0/2000028",
		EndLsn:     "0/2000120",
		Online:     !s.on("BKP-01"),
	}
	switch s.fault {
	case "BKP-02":
		answer.StartedAt = started.UnixMilli()
	case "BKP-03":
		answer.BeginLsn = "2000028"
	}
	return answer, nil
}

type restoreServer struct {
	restore.UnimplementedRestoreJobHooksServer
	*plugin
}

func (s *restoreServer) GetCapabilities(
	_ context.Context, _ *restore.RestoreJobHooksCapabilitiesRequest,
) (*restore.RestoreJobHooksCapabilitiesResult, error) {
	return &restore.RestoreJobHooksCapabilitiesResult{Capabilities: []*restore.RestoreJobHooksCapability{
		{Kind: restore.RestoreJobHooksCapability_KIND_RESTORE},
	}}, nil
}

func (s *restoreServer) Restore(_ context.Context, request *restore.RestoreRequest) (*restore.RestoreResponse, error) {
	cluster, err := s.decode("cluster_definition", request.ClusterDefinition)
	if err != nil {
		return nil, err
	}
	if s.unreachable(cluster) {
		return nil, status.Error(codes.Unavailable, "the store does not answer")
	}
	found, err := s.find(text(cluster, "spec", "bootstrap", "recovery", "recoveryTarget", "backupID"))
	if err != nil {
		return nil, err
	}
	if request.GetCheckEmptyWalArchive() && !s.on("RST-05") {
		names, err := s.archived()
		if err != nil || len(names) > 0 {
			return nil, status.Error(codes.FailedPrecondition, "the archive is in use")
		}
	}
	if s.on("RST-07") {
		return nil, status.Error(codes.Internal, "something went wrong")
	}
	if err := s.fill(found); err != nil {
		return nil, status.Error(codes.Internal, "PGDATA can't be written")
	}
	answer := &restore.RestoreResponse{
		RestoreConfig: "restore_command = '/controller/manager wal-restore %f %p'\n",
		Envs:          []string{"PGHOST=/controller/run"},
	}
	switch s.fault {
	case "RST-01":
		answer.RestoreConfig = ""
	case "RST-02":
		answer.Envs = append(answer.Envs, "NOTHING")
	case "RST-06":
		answer.RestoreConfig += "primary_conninfo = 'host=a password=correct-horse'\n"
	}
	return answer, nil
}

// find is the folder of the backup of that id, or of the latest one.
func (s *restoreServer) find(id string) (string, error) {
	entries, err := os.ReadDir(s.backupFolder())
	if err != nil {
		return "", status.Error(codes.Unavailable, "the store does not answer")
	}
	found := ""
	for _, each := range entries {
		if each.Name() == id || (id == "" && each.Name()[0] != '.') {
			found = filepath.Join(s.backupFolder(), each.Name())
		}
	}
	if found != "" {
		return found, nil
	}
	switch s.fault {
	case "RST-03":
		return "", status.Error(codes.Internal, "something went wrong")
	case "RST-04":
		_ = os.WriteFile(filepath.Join(s.pgdata, label), nil, 0o600)
	}
	return "", status.Error(codes.NotFound, "there is no such backup")
}

func (s *restoreServer) fill(from string) error {
	content, err := os.ReadFile(filepath.Join(from, label))
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(s.pgdata, label), content)
}
