package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace/noop"
	cri "k8s.io/cri-api/pkg/apis"
	remote "k8s.io/cri-client/pkg"
)

const (
	purgePatience   = time.Minute
	purgesAtOnce    = 8
	runtimePatience = 30 * time.Second
)

// purgePods removes every pod through a container runtime of its own, started for the purpose:
// whether and how the cluster's one ended makes no difference then.
func purgePods(ctx context.Context, layout Layout) error {
	if _, err := os.Stat(layout.containerdRoot()); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if _, err := os.Stat(configPath("containerd.toml")); errors.Is(err, fs.ErrNotExist) {
		// Without configuration no pod was ever started here since the last `down`.
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, purgePatience)
	defer cancel()
	stop, err := startRuntime(ctx)
	if err != nil {
		return err
	}
	defer stop()
	runtime, err := connectRuntime(ctx)
	if err != nil {
		return err
	}
	defer runtime.Close()
	return removeSandboxes(ctx, runtime)
}

// startRuntime returns what stops it again.
func startRuntime(ctx context.Context) (func(), error) {
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- containerd().runOnce(running) }()
	stop := func() {
		cancel()
		<-ended
	}
	ctx, giveUp := context.WithTimeout(ctx, runtimePatience)
	defer giveUp()
	if err := waitUntil(ctx, unixSocketAnswers(containerdSocket())); err != nil {
		stop()
		return nil, fmt.Errorf("containerd does not answer: %w", err)
	}
	return stop, nil
}

// connectRuntime waits: containerd answers on its socket before its Kubernetes part does.
func connectRuntime(ctx context.Context) (cri.RuntimeService, error) {
	var runtime cri.RuntimeService
	ctx, cancel := context.WithTimeout(ctx, runtimePatience)
	defer cancel()
	err := waitUntil(ctx, func(context.Context) error {
		var err error
		runtime, err = remote.NewRemoteRuntimeService(
			"unix://"+containerdSocket(), purgePatience, noop.NewTracerProvider(), nil)
		return err
	})
	return runtime, err
}

// removeSandboxes stops and removes all pods, several at once: each costs a run of the network
// plugin and an unmount.
func removeSandboxes(ctx context.Context, runtime cri.RuntimeService) error {
	sandboxes, err := runtime.ListPodSandbox(ctx, nil)
	if err != nil {
		return fmt.Errorf("list the pods: %w", err)
	}
	turns := make(chan struct{}, purgesAtOnce)
	failures := make([]error, len(sandboxes))
	var all sync.WaitGroup
	for i, sandbox := range sandboxes {
		all.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			if err := runtime.StopPodSandbox(ctx, sandbox.Id); err != nil {
				failures[i] = fmt.Errorf("stop pod %s: %w", sandbox.Metadata.Name, err)
				return
			}
			failures[i] = runtime.RemovePodSandbox(ctx, sandbox.Id)
		})
	}
	all.Wait()
	return errors.Join(failures...)
}
