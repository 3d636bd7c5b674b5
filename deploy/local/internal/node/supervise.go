package node

import (
	"context"
	"fmt"
	"log"
	"os"
	"sync"
)

// Supervise prepares the machine and keeps every component running until it is asked to stop.
// When it is killed instead, the kernel kills the components with it; pods stay, and the next
// supervisor finds them.
func Supervise(ctx context.Context, layout Layout) error {
	lock, err := lockSupervisor()
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := prepare(layout); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	newSupervisor(self, layout).run(ctx)
	return nil
}

// prepare makes what the components need. Each step keeps what an earlier run made.
func prepare(layout Layout) error {
	steps := []struct {
		what string
		do   func() error
	}{
		{"directories", makeDirectories},
		{"kernel settings", changeSettings},
		{"bridge", ensureBridge},
		{"firewall", ensureFirewallRules},
		{"certificates", ensurePKI},
		{"kubeconfigs", writeKubeconfigs},
		{"configuration", func() error { return writeConfigs(layout) }},
		{"envoy's configuration", func() error { return writeEnvoyBootstrap(layout) }},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			return fmt.Errorf("prepare the %s: %w", step.what, err)
		}
	}
	return nil
}

func makeDirectories() error {
	for _, name := range []string{"logs", "volumes", "pods", "kubelet", "config", "volume-plugins"} {
		if err := os.MkdirAll(statePath(name), 0o755); err != nil {
			return err
		}
	}
	// Volumes are writable for every user number that a pod may have; the machine's users are to be
	// kept out of them.
	return os.Chmod(statePath("volumes"), 0o700)
}

// supervisor starts what can start and opens a gate for what waits.
type supervisor struct {
	self      string
	layout    Layout
	processes []*process
	gates     map[string]chan struct{}
}

func newSupervisor(self string, layout Layout) *supervisor {
	s := &supervisor{self, layout, processes(self, layout), map[string]chan struct{}{}}
	for _, process := range s.processes {
		s.gates[process.name] = make(chan struct{})
	}
	s.gates["manifests"] = make(chan struct{})
	return s
}

// run returns when all components have ended. They are stopped in two turns: a component that
// still writes to the API server or talks to containerd must not outlive it.
func (s *supervisor) run(ctx context.Context) {
	foundation, stopFoundation := context.WithCancel(context.WithoutCancel(ctx))
	defer stopFoundation()
	var first, last sync.WaitGroup
	for _, process := range s.processes {
		switch process.name {
		case "containerd", "etcd", "kube-apiserver":
			last.Go(func() { s.keep(foundation, process) })
		default:
			first.Go(func() { s.keep(ctx, process) })
		}
	}
	first.Go(func() { s.manifests(ctx) })
	first.Go(func() {
		forwardIngress(ctx, fmt.Sprintf("%s:%d", bridgeAddress, ingressPort),
			fmt.Sprintf("127.0.0.1:%d", ingressPort))
	})
	first.Wait()
	stopFoundation()
	last.Wait()
}

func (s *supervisor) keep(ctx context.Context, process *process) {
	for _, name := range process.after {
		if !s.pass(ctx, name) {
			return
		}
	}
	go func() {
		if process.ready == nil || waitUntil(ctx, process.ready) == nil {
			close(s.gates[process.name])
		}
	}()
	process.keepRunning(ctx)
}

func (s *supervisor) manifests(ctx context.Context) {
	if !s.pass(ctx, "kube-apiserver") {
		return
	}
	for ctx.Err() == nil {
		err := applyManifests(ctx, s.self, s.layout)
		if err == nil {
			close(s.gates["manifests"])
			return
		}
		log.Print(err)
	}
}

// pass waits at a gate; false means that the time to wait is over.
func (s *supervisor) pass(ctx context.Context, name string) bool {
	select {
	case <-s.gates[name]:
		return true
	case <-ctx.Done():
		return false
	}
}
