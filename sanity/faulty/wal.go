package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cloudnative-pg/cnpg-i/pkg/wal"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

var (
	walName = regexp.MustCompile(`^[0-9A-F]{8}([0-9A-F]{16})?(\.[0-9A-Za-z.]+)?$`)
	segment = regexp.MustCompile(`^[0-9A-F]{24}$`)
)

type walServer struct {
	wal.UnimplementedWALServer
	*plugin
	restored, archiving atomic.Int64
	unknown             sync.Map
}

func (s *walServer) GetCapabilities(
	_ context.Context, _ *wal.WALCapabilitiesRequest,
) (*wal.WALCapabilitiesResult, error) {
	answer := &wal.WALCapabilitiesResult{}
	for _, each := range []wal.WALCapability_RPC_Type{
		wal.WALCapability_RPC_TYPE_ARCHIVE_WAL,
		wal.WALCapability_RPC_TYPE_RESTORE_WAL,
		wal.WALCapability_RPC_TYPE_STATUS,
		wal.WALCapability_RPC_TYPE_SET_FIRST_REQUIRED,
	} {
		answer.Capabilities = append(answer.Capabilities, &wal.WALCapability{
			Type: &wal.WALCapability_Rpc{Rpc: &wal.WALCapability_RPC{Type: each}},
		})
	}
	return answer, nil
}

// archived lists what the store holds, sorted.
func (p *plugin) archived() ([]string, error) {
	entries, err := os.ReadDir(p.walFolder())
	if err != nil {
		return nil, err
	}
	var names []string
	for _, each := range entries {
		if !strings.HasPrefix(each.Name(), ".") {
			names = append(names, each.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

func (s *walServer) Archive(ctx context.Context, request *wal.WALArchiveRequest) (*wal.WALArchiveResult, error) {
	cluster, err := s.decode("cluster_definition", request.ClusterDefinition)
	if err != nil {
		return nil, err
	}
	if s.on("WAL-13") {
		defer s.archiving.Add(-1)
		if s.archiving.Add(1) > 1 {
			return nil, status.Error(codes.ResourceExhausted, "one at a time")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if s.unreachable(cluster) {
		return nil, status.Error(codes.Unavailable, "the store does not answer")
	}
	content, err := os.ReadFile(request.SourceFileName)
	if err != nil {
		if s.on("WAL-04") {
			return nil, status.Error(codes.Internal, "the source can't be read")
		}
		return nil, status.Error(codes.NotFound, "the source is not there")
	}
	name := filepath.Base(request.SourceFileName)
	if s.on("WAL-05") && strings.HasSuffix(name, ".history") {
		return nil, status.Error(codes.InvalidArgument, "no WAL file")
	}
	if request.GetCheckEmptyWalArchive() && !s.on("WAL-12") {
		names, err := s.archived()
		if err != nil || len(names) > 0 {
			return nil, status.Error(codes.FailedPrecondition, "the archive is in use")
		}
	}
	path := filepath.Join(s.walFolder(), name)
	if before, err := os.ReadFile(path); err == nil && !s.on("WAL-03") {
		if !bytes.Equal(before, content) || s.on("WAL-02") {
			return nil, status.Error(codes.AlreadyExists, "there is a file of that name")
		}
		return &wal.WALArchiveResult{}, nil
	}
	if s.on("WAL-14") {
		return s.inHalves(ctx, path, content)
	}
	if err := writeFile(path, content); err != nil {
		return nil, status.Error(codes.Internal, "the store can't be written")
	}
	return &wal.WALArchiveResult{}, nil
}

func (s *walServer) inHalves(ctx context.Context, path string, content []byte) (*wal.WALArchiveResult, error) {
	if err := os.WriteFile(path, content[:len(content)/2], 0o600); err != nil {
		return nil, status.Error(codes.Internal, "the store can't be written")
	}
	select {
	case <-ctx.Done():
		return nil, status.FromContextError(ctx.Err()).Err()
	case <-time.After(400 * time.Millisecond):
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return nil, status.Error(codes.Internal, "the store can't be written")
	}
	return &wal.WALArchiveResult{}, nil
}

func (s *walServer) Restore(_ context.Context, request *wal.WALRestoreRequest) (*wal.WALRestoreResult, error) {
	cluster, err := s.decode("cluster_definition", request.ClusterDefinition)
	if err != nil {
		return nil, err
	}
	name := request.SourceWalName
	if !walName.MatchString(name) && !s.on("WAL-17") {
		return nil, status.Error(codes.InvalidArgument, "no WAL file name")
	}
	if s.on("WAL-09") && request.Mode == wal.WALRestoreRequest_MODE_UNSPECIFIED {
		return nil, status.Error(codes.InvalidArgument, "mode is missing")
	}
	if s.unreachable(cluster) {
		if s.on("WAL-07") {
			return nil, status.Error(codes.NotFound, "not in the archive")
		}
		return nil, status.Error(codes.Unavailable, "the store does not answer")
	}
	content, err := os.ReadFile(filepath.Join(s.walFolder(), name))
	if _, missed := s.unknown.Load(name); err != nil || missed {
		return nil, s.missing(request)
	}
	if s.on("WAL-01") && s.restored.Add(1) == 1 {
		content[len(content)/3] ^= 0x40
	}
	if _, err := os.Stat(request.DestinationFileName); err == nil && s.on("WAL-18") {
		return nil, status.Error(codes.AlreadyExists, "the destination is there")
	}
	if err := writeFile(request.DestinationFileName, content); err != nil {
		return nil, status.Error(codes.Internal, "the destination can't be written")
	}
	if s.on("WAL-10") && request.Mode == wal.WALRestoreRequest_MODE_REWIND {
		s.prefetch(name, filepath.Dir(request.DestinationFileName))
	}
	return &wal.WALRestoreResult{}, nil
}

func (s *walServer) missing(request *wal.WALRestoreRequest) error {
	switch s.fault {
	case "WAL-06":
		return status.Error(codes.Internal, "can't be read")
	case "WAL-08":
		_ = os.WriteFile(request.DestinationFileName, nil, 0o600)
	case "WAL-11":
		s.unknown.Store(request.SourceWalName, true)
	}
	return status.Error(codes.NotFound, "not in the archive")
}

func (s *walServer) prefetch(after, folder string) {
	names, err := s.archived()
	if err != nil {
		return
	}
	for _, name := range names {
		if name > after {
			_ = os.WriteFile(filepath.Join(folder, name+".ahead"), nil, 0o600)
			return
		}
	}
}

func (s *walServer) Status(_ context.Context, request *wal.WALStatusRequest) (*wal.WALStatusResult, error) {
	if s.on("CAP-11") {
		return nil, status.Error(codes.Unimplemented, "not yet")
	}
	if _, err := s.decode("cluster_definition", request.ClusterDefinition); err != nil {
		return nil, err
	}
	names, err := s.archived()
	if err != nil {
		return nil, status.Error(codes.Unavailable, "the store does not answer")
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !segment.MatchString(name) })
	answer := &wal.WALStatusResult{}
	if len(names) > 0 {
		answer.FirstWal, answer.LastWal = names[0], names[len(names)-1]
	}
	if s.on("WAL-15") {
		answer.FirstWal = "the first one"
	}
	return answer, nil
}

func (s *walServer) SetFirstRequired(
	_ context.Context, request *wal.SetFirstRequiredRequest,
) (*wal.SetFirstRequiredResult, error) {
	if _, err := s.decode("cluster_definition", request.ClusterDefinition); err != nil {
		return nil, err
	}
	names, err := s.archived()
	if err != nil {
		return nil, status.Error(codes.Unavailable, "the store does not answer")
	}
	for _, name := range names {
		if segment.MatchString(name) && (name < request.FirstRequiredWal || s.on("WAL-16")) {
			if err := os.Remove(filepath.Join(s.walFolder(), name)); err != nil {
				return nil, status.Error(codes.Internal, "a file can't be deleted")
			}
		}
	}
	return &wal.SetFirstRequiredResult{}, nil
}
