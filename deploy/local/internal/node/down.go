package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Down removes the cluster: processes, pods, mounts, network, firewall rules, kernel settings and
// state. What the cache holds stays. Each step is tried even when an earlier one failed, and all of
// it can be repeated.
func Down(ctx context.Context, layout Layout) error {
	steps := []struct {
		what string
		do   func() error
	}{
		{"stop the components", stopSupervisor},
		{"remove the pods", func() error { return purgePods(ctx, layout) }},
		{"end left-over processes", killLeftovers},
		{"unmount", func() error { return unmountBelow(stateRoot, runRoot, layout.Cache) }},
		{"remove the bridge", removeBridge},
		{"remove firewall rules", removeFirewallRules},
		{"remove control groups", removeControlGroups},
		{"restore kernel settings", restoreSettings},
		{"remove the cluster's state", removeState},
	}
	var failures []error
	for _, step := range steps {
		if err := step.do(); err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", step.what, err))
		}
	}
	return errors.Join(failures...)
}

// removeState comes last: it forgets what the kernel's settings were. The few places that no flag
// can move are removed too, unless something else uses them.
func removeState() error {
	leases, _ := filepath.Glob("/var/lib/cni/results/tenantry-*")
	links, _ := filepath.Glob("/var/log/containers/*.log")
	for _, path := range append(leases, links...) {
		_ = os.Remove(path)
	}
	_ = os.RemoveAll("/var/lib/kubelet/device-plugins")
	for _, directory := range []string{
		"/var/lib/cni/results", "/var/lib/cni", "/var/log/containers", "/var/lib/kubelet",
	} {
		// Only succeeds on an empty directory, which is the intention.
		_ = os.Remove(directory)
	}
	return errors.Join(os.RemoveAll(stateRoot), os.RemoveAll(runRoot))
}
