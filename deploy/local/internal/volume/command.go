// Package volume provisions the cluster's volumes: a directory on this machine for each claim.
//
// A volume is of type `local`, not `hostPath`: the kubelet then honours fsGroup, without which a
// pod under Pod Security `restricted` could not write into it.
package volume

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/time/rate"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

// ProvisionerName is what a StorageClass names to get volumes from here.
const ProvisionerName = "tenantry.dev/local"

// Command runs the provisioner until it is killed.
func Command() *cobra.Command {
	var kubeconfig, root string
	command := &cobra.Command{
		Use:   "volumes",
		Short: "Provision volumes as directories of this machine",
		RunE: func(command *cobra.Command, _ []string) error {
			config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
			if err != nil {
				return fmt.Errorf("read kubeconfig %s: %w", kubeconfig, err)
			}
			config.QPS, config.Burst = 200, 400
			client, err := kubernetes.NewForConfig(config)
			if err != nil {
				return fmt.Errorf("make a client from %s: %w", kubeconfig, err)
			}
			controller.NewProvisionController(command.Context(), client, ProvisionerName,
				&directories{root: root},
				controller.LeaderElection(false),
				controller.AddFinalizer(true),
				controller.RateLimiter(quickRetries()),
				controller.FailedProvisionThreshold(0),
				controller.FailedDeleteThreshold(0),
			).Run(command.Context())
			return nil
		},
	}
	command.Flags().StringVar(&kubeconfig, "kubeconfig", "", "how to reach the cluster")
	command.Flags().StringVar(&root, "root", "", "directory that holds the volumes")
	return command
}

// quickRetries replaces the library's first pause of 15 s, made for storage far away: making a
// directory either works or the disk is full.
func quickRetries() workqueue.TypedRateLimiter[string] {
	return workqueue.NewTypedMaxOfRateLimiter(
		workqueue.NewTypedItemExponentialFailureRateLimiter[string](50*time.Millisecond, 10*time.Second),
		&workqueue.TypedBucketRateLimiter[string]{Limiter: rate.NewLimiter(rate.Limit(200), 400)},
	)
}
