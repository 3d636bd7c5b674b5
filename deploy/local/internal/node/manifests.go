package node

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// applyManifests writes what every cluster here has: the storage class, the Services of DNS and
// ingress, Contour's kinds.
func applyManifests(ctx context.Context, self string, layout Layout) error {
	crds := filepath.Join(layout.Programs, "contour-crds.yaml")
	if err := apply(ctx, self, crds); err != nil {
		return err
	}
	return apply(ctx, self, configPath("manifests.yaml"))
}

func apply(ctx context.Context, self, file string) error {
	kubectl := exec.CommandContext(ctx, self, "kubectl", "--kubeconfig="+AdminKubeconfig(),
		"apply", "--server-side", "--force-conflicts", "--filename="+file)
	output, err := kubectl.CombinedOutput()
	if err != nil {
		return fmt.Errorf("apply %s: %w: %s", file, err, strings.TrimSpace(string(output)))
	}
	return nil
}

// writeEnvoyBootstrap tells Envoy where Contour is.
func writeEnvoyBootstrap(layout Layout) error {
	return run(filepath.Join(layout.Programs, "contour"), "bootstrap", configPath("envoy.json"),
		"--xds-address=127.0.0.1", "--xds-port="+xdsPort,
		"--admin-address="+runPath("envoy-admin.sock"))
}
