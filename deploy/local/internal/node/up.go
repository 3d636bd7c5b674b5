package node

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

const upPatience = 3 * time.Minute

// milestone is a state of the cluster that `up` waits for and reports.
type milestone struct {
	name      string
	component string
	reached   question
}

func milestones() []milestone {
	return []milestone{
		{"container runtime", "containerd", unixSocketAnswers(containerdSocket())},
		{"etcd", "etcd", ourURLAnswers(etcdURL + "/health")},
		{"API server", "kube-apiserver", ourURLAnswers(apiServerURL + "/readyz")},
		{"node", "kubelet", nodeIsReady},
		{"DNS", "coredns", urlAnswers("http://127.0.0.1:8181/ready")},
		{"ingress", "envoy", portAnswers(fmt.Sprintf("127.0.0.1:%d", ingressPort))},
	}
}

// Up starts the supervisor unless it runs, and waits until pods can be started. It can be
// interrupted and repeated at any time.
func Up(ctx context.Context, layout Layout) error {
	started := time.Now()
	if err := ensureSupervisor(layout); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, upPatience)
	defer cancel()
	for _, milestone := range milestones() {
		if err := waitUntil(ctx, stillSupervised(milestone.reached)); err != nil {
			return fmt.Errorf("%s is not ready: %w\nlast lines of %s:\n%s", milestone.name, err,
				LogPath(milestone.component), lastLines(LogPath(milestone.component)))
		}
		fmt.Printf("%s is ready (%.1f s)\n", milestone.name, time.Since(started).Seconds())
	}
	return nil
}

// ensureSupervisor replaces a supervisor that another build of this program started.
func ensureSupervisor(layout Layout) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if number := runningSupervisor(); number != 0 {
		running, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", number))
		if err == nil && running == self {
			return nil
		}
		if err := stopSupervisor(); err != nil {
			return err
		}
	}
	return startSupervisor(self, layout)
}

// startSupervisor detaches it: it must outlive the shell that called `up`.
func startSupervisor(self string, layout Layout) error {
	if err := os.MkdirAll(statePath("logs"), 0o755); err != nil {
		return err
	}
	output, err := openLog("supervisor")
	if err != nil {
		return err
	}
	defer output.Close()
	supervisor := exec.Command(self, append([]string{"node", "supervise"}, layout.arguments()...)...)
	supervisor.Dir = "/"
	supervisor.Stdout, supervisor.Stderr = output, output
	supervisor.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := supervisor.Start(); err != nil {
		return fmt.Errorf("start the supervisor: %w", err)
	}
	return waitForLock(supervisor)
}

// waitForLock returns once the supervisor holds its lock, so that a question about it has an answer.
func waitForLock(supervisor *exec.Cmd) error {
	ended := make(chan error, 1)
	go func() { ended <- supervisor.Wait() }()
	for runningSupervisor() == 0 {
		select {
		case err := <-ended:
			return fmt.Errorf("the supervisor ended at once (%v):\n%s", err, lastLines(LogPath("supervisor")))
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// stillSupervised makes the end of the supervisor the answer, instead of a time-out.
func stillSupervised(ask question) question {
	return func(ctx context.Context) error {
		if runningSupervisor() == 0 {
			return fmt.Errorf("the supervisor has ended:\n%s", lastLines(LogPath("supervisor")))
		}
		return ask(ctx)
	}
}

func nodeIsReady(ctx context.Context) error {
	config, err := clientcmd.BuildConfigFromFlags("", AdminKubeconfig())
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	node, err := client.CoreV1().Nodes().Get(ctx, nodeName, meta.GetOptions{})
	if err != nil {
		return err
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type == core.NodeReady && condition.Status != core.ConditionTrue {
			return fmt.Errorf("%s: %s", condition.Reason, condition.Message)
		}
	}
	return nil
}

// lastLines is the end of a log, for an error that a reader can act on.
func lastLines(path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}
