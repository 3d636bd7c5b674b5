package image

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"
	oci "github.com/opencontainers/image-spec/specs-go/v1"

	"tenantry.dev/tenantry-node/internal/names"
)

// kubernetesNamespace is where containerd's Kubernetes plugin looks for images.
const kubernetesNamespace = "k8s.io"

// Import gives an image to the cluster's container runtime, unless it has it. Only what the
// runtime lacks is sent: a changed program is one layer.
func Import(ctx context.Context, directory string) error {
	source := layout(directory)
	index, err := source.index()
	if err != nil {
		return err
	}
	if err := waitForRuntime(ctx); err != nil {
		return err
	}
	known, err := list(ctx, "images", "list", "--quiet")
	if err != nil {
		return err
	}
	// A tag that exists may name an older image; the name by digest cannot.
	missing := slices.ContainsFunc(index.Manifests, func(image oci.Descriptor) bool {
		return !slices.Contains(known, image.Annotations[nameAnnotation])
	})
	if !missing {
		return nil
	}
	return source.send(ctx)
}

// RemoveOthers removes from the runtime what the image replaces: each change of a program would
// otherwise leave one behind. What still runs keeps its files.
func RemoveOthers(ctx context.Context, directory string) error {
	index, err := layout(directory).index()
	if err != nil {
		return err
	}
	known, err := list(ctx, "images", "list", "--quiet")
	if err != nil {
		return err
	}
	var kept []string
	for _, image := range index.Manifests {
		kept = append(kept, image.Annotations[nameAnnotation])
	}
	repository, _, _ := strings.Cut(kept[len(kept)-1], "@")
	for _, name := range known {
		if strings.HasPrefix(name, repository+"@") && !slices.Contains(kept, name) {
			if err := ctr(ctx, "images", "remove", name).Run(); err != nil {
				return fmt.Errorf("remove the outdated image %s: %w", name, err)
			}
		}
	}
	return nil
}

// send streams the layout as an archive to containerd.
func (l layout) send(ctx context.Context) error {
	manifest, name, err := l.manifest()
	if err != nil {
		return err
	}
	held, err := list(ctx, "content", "list", "--quiet")
	if err != nil {
		return err
	}
	blobs := []digest.Digest{name, manifest.Config.Digest}
	for _, layer := range manifest.Layers {
		if !slices.Contains(held, layer.Digest.String()) {
			blobs = append(blobs, layer.Digest)
		}
	}
	reader, writer := io.Pipe()
	go func() { writer.CloseWithError(l.archive(writer, blobs)) }()
	load := ctr(ctx, "images", "import", "-")
	load.Stdin = reader
	output, err := load.CombinedOutput()
	if err != nil {
		return fmt.Errorf("import %s: %w: %s", l, err, strings.TrimSpace(string(output)))
	}
	return nil
}

func (l layout) archive(target io.Writer, blobs []digest.Digest) error {
	archive := tar.NewWriter(target)
	files := []string{oci.ImageLayoutFile, "index.json"}
	for _, blob := range blobs {
		files = append(files, filepath.Join("blobs", blob.Algorithm().String(), blob.Encoded()))
	}
	for _, name := range files {
		if err := l.archiveFile(archive, name); err != nil {
			return err
		}
	}
	return archive.Close()
}

func (l layout) archiveFile(archive *tar.Writer, name string) error {
	file, err := os.Open(filepath.Join(string(l), name))
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	header := &tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: info.Size()}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	_, err = io.Copy(archive, file)
	return err
}

// waitForRuntime lets an import be asked for while the cluster is still starting.
func waitForRuntime(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		if _, err := os.Stat(names.ContainerdSocket); err == nil && ctr(ctx, "version").Run() == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.New("the cluster's container runtime does not answer: is the cluster up?")
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func list(ctx context.Context, arguments ...string) ([]string, error) {
	var complaint bytes.Buffer
	command := ctr(ctx, arguments...)
	command.Stderr = &complaint
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("ask containerd for its %s: %w: %s", arguments[0], err, complaint.String())
	}
	return strings.Fields(string(output)), nil
}

func ctr(ctx context.Context, arguments ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "ctr", append([]string{
		"--address", names.ContainerdSocket, "--namespace", kubernetesNamespace,
	}, arguments...)...)
}
