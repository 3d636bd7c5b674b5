// Package names holds what the cluster and the images must agree on.
package names

// Repository is the prefix of all images made here. No registry has that name: an image that was
// not imported can never be pulled by accident.
const Repository = "tenantry.local/"

// Pause is the image that holds a pod's network namespace.
const Pause = Repository + "pause:1"

// ContainerdSocket is where the cluster's container runtime listens.
const ContainerdSocket = "/run/tenantry/containerd/containerd.sock"
