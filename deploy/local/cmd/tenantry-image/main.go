// Tenantry-image makes, imports and pushes the local cluster's container images. It is a program
// of its own because it builds in seconds: images are made while Kubernetes is still compiling.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"tenantry.dev/tenantry-node/internal/image"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := image.Command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
