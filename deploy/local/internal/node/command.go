// Package node runs all of Kubernetes on this machine as one cluster of one node, and takes it
// away again without leaving anything behind.
package node

import (
	"context"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Command is `node up`, `node down` and, for `up` alone, `node supervise`.
func Command() *cobra.Command {
	command := &cobra.Command{Use: "node", Short: "Run the cluster on this machine"}
	command.AddCommand(layoutCommand("up", "Start the cluster and wait until its node is ready", Up))
	command.AddCommand(layoutCommand("down", "Stop the cluster and remove all it made", Down))
	command.AddCommand(layoutCommand("supervise", "Keep the cluster's components running", Supervise))
	return command
}

func layoutCommand(
	name, purpose string, action func(context.Context, Layout) error,
) *cobra.Command {
	var layout Layout
	command := &cobra.Command{
		Use: name, Short: purpose, Args: cobra.NoArgs, SilenceUsage: true,
		RunE: func(command *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(command.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			return action(ctx, layout)
		},
	}
	flags := command.Flags()
	flags.StringVar(&layout.Cache, "cache", "", "directory of what survives the cluster")
	flags.StringVar(&layout.Programs, "programs", "", "directory of contour and its kinds")
	flags.StringVar(&layout.Envoy, "envoy", "", "Envoy's executable")
	_ = command.MarkFlagRequired("cache")
	return command
}

// arguments are those by which another process gets the same layout.
func (l Layout) arguments() []string {
	return []string{"--cache=" + l.Cache, "--programs=" + l.Programs, "--envoy=" + l.Envoy}
}
