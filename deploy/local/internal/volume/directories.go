package volume

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

// directories is the provisioner: one directory below root for each volume, named as the volume.
type directories struct {
	root string
}

// Provision makes the directory and describes it as a volume. It can be repeated.
func (d *directories) Provision(
	_ context.Context, options controller.ProvisionOptions,
) (*core.PersistentVolume, controller.ProvisioningState, error) {
	if mode := options.PVC.Spec.VolumeMode; mode != nil && *mode == core.PersistentVolumeBlock {
		return nil, controller.ProvisioningFinished,
			fmt.Errorf("claim %s/%s asks for a block device; this storage class has only file systems",
				options.PVC.Namespace, options.PVC.Name)
	}
	path := filepath.Join(d.root, options.PVName)
	if err := makeWritable(path); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	return describe(path, options), controller.ProvisioningFinished, nil
}

// Delete removes the volume's directory and all that is in it.
func (d *directories) Delete(_ context.Context, volume *core.PersistentVolume) error {
	path := filepath.Join(d.root, volume.Name)
	if err := os.RemoveAll(path); err != nil {
		return fmt.Errorf("remove the directory of volume %s: %w", volume.Name, err)
	}
	return nil
}

// makeWritable makes a directory that any user may write to: a pod without fsGroup must be able to
// use its volume, too. Whoever sets fsGroup gets the group's bits from the kubelet on top.
func makeWritable(path string) error {
	if err := os.MkdirAll(path, 0o777); err != nil {
		return fmt.Errorf("make the volume's directory: %w", err)
	}
	// MkdirAll obeys the umask.
	if err := os.Chmod(path, 0o777); err != nil {
		return fmt.Errorf("make the volume's directory writable: %w", err)
	}
	return nil
}

func describe(path string, options controller.ProvisionOptions) *core.PersistentVolume {
	return &core.PersistentVolume{
		ObjectMeta: meta.ObjectMeta{Name: options.PVName},
		Spec: core.PersistentVolumeSpec{
			AccessModes: options.PVC.Spec.AccessModes,
			Capacity: core.ResourceList{
				core.ResourceStorage: options.PVC.Spec.Resources.Requests[core.ResourceStorage],
			},
			PersistentVolumeReclaimPolicy: *options.StorageClass.ReclaimPolicy,
			StorageClassName:              options.StorageClass.Name,
			PersistentVolumeSource: core.PersistentVolumeSource{
				Local: &core.LocalVolumeSource{Path: path},
			},
			NodeAffinity: anyNode(),
		},
	}
}

// anyNode is required of a `local` volume. The cluster has one node, so any is the right one.
func anyNode() *core.VolumeNodeAffinity {
	return &core.VolumeNodeAffinity{Required: &core.NodeSelector{
		NodeSelectorTerms: []core.NodeSelectorTerm{{
			MatchExpressions: []core.NodeSelectorRequirement{{
				Key: core.LabelHostname, Operator: core.NodeSelectorOpExists,
			}},
		}},
	}}
}
