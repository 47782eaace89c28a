// Command correct-plugin is a small CNPG-I plugin written with the official Go module and the Go
// plugin machinery. It shares nothing with Howdah but the protocol, and exists to be measured: a
// tool that judges plugins must find nothing wrong with it.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/cloudnative-pg/cnpg-i-machinery/pkg/pluginhelper/http"
	"github.com/cloudnative-pg/cnpg-i/pkg/identity"
	"github.com/cloudnative-pg/cnpg-i/pkg/lifecycle"
	"github.com/cloudnative-pg/cnpg-i/pkg/operator"
	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	root := &cobra.Command{Use: "correct-plugin", SilenceUsage: true}
	root.AddCommand(serveCommand(), healthcheckCommand())
	if err := root.ExecuteContext(ctx); err != nil {
		os.Exit(1)
	}
}

// serveCommand is the machinery's own command, flags included.
func serveCommand() *cobra.Command {
	cmd := http.CreateMainCmd(&identityServer{}, registerServices)
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		// The machinery binds the socket with the process' umask. In an instance Pod the sidecar's
		// user need not be PostgreSQL's, and a socket without write permission refuses connections.
		// The process writes no other file.
		syscall.Umask(0)
		return run(cmd, args)
	}
	return cmd
}

// registerServices offers what the capabilities declare and nothing more, besides the two services
// that every gRPC tool knows.
func registerServices(server *grpc.Server) error {
	operator.RegisterOperatorServer(server, &operatorServer{})
	lifecycle.RegisterOperatorLifecycleServer(server, &lifecycleServer{})
	healthpb.RegisterHealthServer(server, health.NewServer())
	reflection.Register(server)
	return nil
}

// healthcheckCommand is the startup probe of the sidecar: the image holds no shell and no other tool.
func healthcheckCommand() *cobra.Command {
	var directory string
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Probe the plugin that serves on a socket",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			socket, err := filepath.Abs(filepath.Join(directory, pluginName))
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), 3*time.Second)
			defer cancel()
			return probe(ctx, socket)
		},
	}
	cmd.Flags().StringVar(&directory, "plugin-path", pluginsMountPath, "The plugins socket path")
	return cmd
}

func probe(ctx context.Context, socket string) error {
	conn, err := grpc.NewClient("unix://"+socket,
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if _, err := identity.NewIdentityClient(conn).Probe(ctx, &identity.ProbeRequest{}); err != nil {
		return fmt.Errorf("the plugin on %s doesn't answer: %w", socket, err)
	}
	return nil
}
