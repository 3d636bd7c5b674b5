package main

import (
	"context"
	"os"

	"github.com/coredns/coredns/coremain"
	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	manager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"

	// What the cluster's DNS can do: answer for Services, ask the machine's resolver for the rest.
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/template"

	"tenantry.dev/tenantry-node/internal/node"
	"tenantry.dev/tenantry-node/internal/volume"
)

// components maps each name to its main function, which returns the exit status.
func components() map[string]func() int {
	return map[string]func() int{
		"coredns": func() int { coremain.Run(); return 0 },
		"etcd":    func() int { etcdmain.Main(os.Args); return 0 },
		"kubectl": runKubectl,
		"kubelet": func() int {
			return cli.Run(kubelet.NewKubeletCommand(context.Background()))
		},
		"kube-apiserver":          command(apiserver.NewAPIServerCommand),
		"kube-controller-manager": command(manager.NewControllerManagerCommand),
		"kube-proxy":              command(proxy.NewProxyCommand),
		"kube-scheduler":          func() int { return cli.Run(scheduler.NewSchedulerCommand()) },
		"volumes":                 command(volume.Command),
		"node":                    command(node.Command),
	}
}

func command(build func() *cobra.Command) func() int {
	return func() int { return cli.Run(build()) }
}

// runKubectl prints errors the way kubectl does, which cli.Run would not.
func runKubectl() int {
	if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
		kubectlutil.CheckErr(err)
	}
	return 0
}
