package node

import (
	"path/filepath"

	"tenantry.dev/tenantry-node/internal/names"
)

// Addresses of the cluster. They are the same on every machine, so that manifests and tests can
// name them.
const (
	nodeName       = "tenantry"
	bridgeName     = "tenantry0"
	bridgeAddress  = "10.88.0.1"
	podNetwork     = "10.88.0.0/16"
	serviceNetwork = "10.96.0.0/16"
	apiServiceIP   = "10.96.0.1"
	dnsServiceIP   = "10.96.0.10"
	apiServerURL   = "https://127.0.0.1:6443"
	ingressPort    = 8080
)

// Places outside the cache. Everything below them belongs to the cluster and goes with it.
const (
	stateRoot = "/var/lib/tenantry"
	runRoot   = "/run/tenantry"
)

// Layout says where everything is. Only the cache can be elsewhere; it survives the cluster.
type Layout struct {
	Cache string
	// Programs holds contour and helm, built together with this program.
	Programs string
	// Envoy is its executable.
	Envoy string
}

func (l Layout) containerdRoot() string { return filepath.Join(l.Cache, "containerd") }

func statePath(elements ...string) string {
	return filepath.Join(append([]string{stateRoot}, elements...)...)
}

func runPath(elements ...string) string {
	return filepath.Join(append([]string{runRoot}, elements...)...)
}

// LogPath is where a component's output goes.
func LogPath(component string) string { return statePath("logs", component+".log") }

// AdminKubeconfig gives every right in the cluster.
func AdminKubeconfig() string { return kubeconfigPath("admin") }

func kubeconfigPath(user string) string { return statePath("kubeconfig", user+".yaml") }

func containerdSocket() string { return names.ContainerdSocket }
